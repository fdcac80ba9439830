import Audio
import Conversation
import Dialogue
import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTP1
import Speech
import Storage

extension APIFailure {
    /// The failure that `error` amounts to. What is not known becomes a 500 that gives nothing away.
    public init(_ error: any Error) {
        switch error {
        case let failure as APIFailure: self = failure
        case let error as SpeechError: self.init(speech: error)
        case let error as AudioError: self.init(audio: error)
        case let error as ResponderError: self.init(responder: error)
        case let refusal as SessionRefusal:
            self.init(.serviceUnavailable, .overloaded, refusal.description)
            if case .full(_, let retryAfter) = refusal { self.retryAfter = retryAfter }
        case StorageError.busy(let retryAfter):
            self.init(.serviceUnavailable, .overloaded, "The server has too much to store; try again in a moment.")
            self.retryAfter = retryAfter
        case let error as HTTPError: self.init(http: error)
        case is HTTPParserError:
            self.init(.badRequest, .validationFailed, "The request is not well-formed HTTP.")
            headers[.connection] = "close"
        case is BodyTimeout:
            self.init(.requestTimeout, .timedOut, "The body took too long to arrive.")
            headers[.connection] = "close"
        case is NIOTooManyBytesError:
            self.init(.contentTooLarge, .tooLarge, "The body is larger than allowed.")
        default:
            self.init(.internalServerError, .processingFailed, "The server failed; its log says why.")
            cause = error
        }
    }

    private init(speech error: SpeechError) {
        switch error {
        case .unavailable(let engine, _):
            // The reason names files and addresses of this machine, so it stays in the log.
            self.init(.serviceUnavailable, .modelNotLoaded, "The engine \(engine) is not available; the log says why.")
            cause = error
        case .busy(_, let retryAfter):
            self.init(.serviceUnavailable, .overloaded, error.description)
            self.retryAfter = retryAfter
        case .voiceUnusable(let speaker, .busy(_, let busyFor), let retryAfter):
            self.init(
                .serviceUnavailable,
                .overloaded,
                "The voice \(speaker.id) cannot speak now, because its engine \(speaker.engine) has no room for more "
                    + "work; try again later, or choose another voice."
            )
            self.retryAfter = retryAfter ?? busyFor
        case .voiceUnusable(let speaker, _, let retryAfter):
            self.init(
                .serviceUnavailable,
                .modelNotLoaded,
                "The voice \(speaker.id) cannot speak now, because its engine \(speaker.engine) cannot be used; the log "
                    + "says why. Choose another voice, or none."
            )
            // As long as its circuit breaker lets requests pass, the engine is tried again with the next one.
            self.retryAfter = retryAfter ?? .seconds(1)
            cause = error
        case .allFailed, .failed, .producedNothing:
            self.init(.internalServerError, .processingFailed, "The speech engines failed; the log says why.")
            cause = error
        case .refused:
            self.init(.unprocessableContent, .validationFailed, error.description)
        case .unknownVoice, .unknownEngine:
            self.init(.notFound, .notFound, error.description)
        case .speedOutOfRange, .languageNotUnderstood, .nothingToSay, .textTooLong:
            self.init(.unprocessableContent, .validationFailed, error.description)
        }
    }

    private init(responder error: ResponderError) {
        switch error.code {
        case .timedOut: self.init(.gatewayTimeout, .processingFailed, error.description)
        case .unavailable(let retryAfter):
            self.init(.serviceUnavailable, .overloaded, error.description)
            self.retryAfter = retryAfter
        default: self.init(.badGateway, .processingFailed, error.description)
        }
    }

    private init(audio error: AudioError) {
        switch error {
        case .tooLarge, .tooLong:
            self.init(.contentTooLarge, .tooLarge, error.description)
        case .notAudio, .ffmpegMissing:
            self.init(.unsupportedMediaType, .unsupportedFormat, error.description)
        case .noTemporaryFile:
            // The reason is about this machine, so it stays in the log.
            self.init(.serviceUnavailable, .overloaded, "The server has no room for the recording; its log says why.")
            cause = error
        default:
            self.init(.badRequest, .validationFailed, error.description)
        }
    }

    private init(http error: HTTPError) {
        let code: Code =
            switch error.status {
            case .notFound: .notFound
            case .contentTooLarge: .tooLarge
            case .unsupportedMediaType: .unsupportedFormat
            case .unauthorized: .unauthorized
            default: error.status.kind == .serverError ? .processingFailed : .validationFailed
            }
        self.init(error.status, code, error.body ?? error.status.reasonPhrase)
        headers = error.headers
        // The router's own answer to what it has no route for.
        isWithoutRoute = error.status == .notFound
    }
}

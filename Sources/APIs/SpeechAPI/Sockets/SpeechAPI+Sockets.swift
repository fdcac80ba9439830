import Conversation
import HTTPTypes
import Hummingbird
import Logging
import Serving
import Settings
import Speech
import Storage
import WebSocket

extension SpeechAPI {
    func addSockets(to router: AccessRoutes) {
        guard let sockets else { return }
        let route = WebSocketRoute(server: sockets, subprotocols: ["antiphon"])
        let router = router.readingQueryAsFields
        router.get("/ws/transcribe") { request, context in try await transcribe(request, context, route) }
        router.get("/ws/conversation") { request, context in
            try await converse(request, context, route, dialect: .first, standard: .echo)
        }
        router.get("/ws/conversation/v2") { request, context in
            try await converse(request, context, route, dialect: .library, standard: .echo)
        }
        router.get("/ws/conversation/custom") { request, context in
            try await converse(request, context, route, dialect: .library, standard: .template)
        }
        router.get("/ws/conversation/test") { request, context in
            try await route.upgrade(request, context: context) { _ in StreamServer { await TestSocket($0).run() } }
        }
    }

    // MARK: Conversations

    private func converse(
        _ request: Request,
        _ context: ServingContext,
        _ route: WebSocketRoute,
        dialect: ConversationView.Dialect,
        standard: SocketManner.Mode
    ) async throws -> Response {
        try context.requireUpgrade(request)
        let settings = parts.settings.current
        let manner = try SocketManner(request, settings: settings, standard: standard)
        let (voice, warnings) = voice(of: manner, settings)
        let language = await recognizer.firstUnderstood(of: manner.voice.language.map { [$0] } ?? [])
        let responder = ChosenResponder(parts.responder, mode: manner.mode)
        var configuration = ConversationMachine.Configuration()
        configuration.playbackClock = manner.acknowledges ? .acknowledged : .realtime
        configuration.answerTimeout = settings.conversation.answerTimeout
        configuration.answerLimit = settings.speech.maxTextLength
        configuration.turnTaking = manner.turnTaking
        if let language { configuration.language = language }
        let options = try SynthesisOptions(voice: voice, speed: settings.speech.speed)
        let record = NewSession(api: "speech")
        let session = try await parts.directory.make(
            record,
            parts: SessionParts(
                voiceActivity: voiceActivity,
                recognizer: recognizer,
                responder: responder,
                output: SynthesizedOutput(synthesizer, options: options),
                middleware: [TurnTiming { [turnMetrics] record, _ in turnMetrics.record(record.timings) }],
                language: language,
                outputSampleRate: Self.socketRate,
                events: parts.hub,
                recorder: await recorder(of: record, manner, settings, language)
            ),
            configuration: configuration
        ).session
        let ready = await ready(dialect, manner, settings, warnings: warnings)
        let view = ConversationView(
            dialect,
            sendsPartials: manner.sendsPartials,
            holds: manner.turnTaking.interruption == .twoStep,
            language: language
        )
        return try await serve(session, request, context, route) { stream in
            await ConversationSocket(
                stream,
                session: session,
                responder: responder,
                view: view,
                manner: manner,
                longestText: settings.speech.maxTextLength,
                ready: ready
            ).run()
        }
    }

    /// The rate of the answers' sound, in Hz.
    static let socketRate = 24_000

    /// The voice, and what is wrong with the wish for it: the sockets of the STTS server warn and speak with another.
    private func voice(of manner: SocketManner, _ settings: Settings) -> (Voice?, [String]) {
        do throws(APIFailure) {
            return (try manner.voice.voice(from: parts.voices, settings: settings, nameIsOptional: true), [])
        } catch {
            return (nil, ["\(error.message) The usual voice speaks."])
        }
    }

    private func recorder(
        of record: NewSession,
        _ manner: SocketManner,
        _ settings: Settings,
        _ language: String?
    ) async throws(APIFailure) -> SessionRecorder? {
        let wanted =
            switch settings.recording.mode {
            case .off: false
            case .consent: manner.consents
            case .always: true
            }
        guard wanted else { return nil }
        do throws(RecordingError) {
            return try await SessionRecorder.start(
                RecordingHeader(
                    session: record.id,
                    api: record.api,
                    consent: manner.consents,
                    answerRate: Self.socketRate,
                    language: language
                ),
                in: settings.recordingFolder,
                limit: settings.recording.maxDuration,
                logger: Logger(label: "antiphon.recording")
            )
        } catch {
            Logger(label: "antiphon.recording").warning("a conversation is refused", metadata: ["reason": "\(error)"])
            throw APIFailure(
                .serviceUnavailable,
                .overloaded,
                "The conversation cannot be recorded, which it must be here."
            )
        }
    }

    private func ready(
        _ dialect: ConversationView.Dialect,
        _ manner: SocketManner,
        _ settings: Settings,
        warnings: [String]
    ) async -> JSONValue {
        let report = await health.current()
        var config: [String: JSONValue] =
            switch dialect {
            case .first:
                [
                    "voice_mode": .string(manner.voice.mode == .clone ? "clone" : "predefined"),
                    "response_mode": .string(manner.mode.rawValue), "language": JSONValue(manner.voice.language),
                    "pause_aggressiveness": .number(Double(manner.aggressiveness)),
                ]
            case .library:
                [
                    "stt_available": .bool(report.recognizer != nil), "tts_available": .bool(report.synthesizer != nil),
                    "pause_detection_available": true, "response_generation_available": true,
                    "middleware_count": .number(Double(Self.activeMiddleware.count)),
                ]
            }
        config.merge(manner.turnTaking.json.members ?? [:]) { own, _ in own }
        config["sample_rate"] = .number(Double(manner.sampleRate))
        config["recording"] = .bool(
            settings.recording.mode == .always || (settings.recording.mode == .consent && manner.consents)
        )
        var message: [String: JSONValue] = [
            "type": "ready", "message": "The conversation may begin.", "config": .object(config),
        ]
        if !warnings.isEmpty { message["warnings"] = JSONValue(warnings) }
        return .object(message)
    }

    // MARK: Transcription

    private func transcribe(
        _ request: Request,
        _ context: ServingContext,
        _ route: WebSocketRoute
    ) async throws -> Response {
        try context.requireUpgrade(request)
        let settings = parts.settings.current
        var fields = FieldReader(form: UploadedForm())
        fields.addQuery(of: request)
        let asked = fields.language("language")
        let sampleRate = fields.integer("sample_rate", in: SocketSound.rates) ?? 16_000
        var turnTaking = TurnTaking(settings)
        turnTaking.idlePrompt = nil
        turnTaking.change(by: &fields)
        fields.know("token", "access_token")
        fields.lookAtOthers(meaning: ["lang": "language"])
        try fields.checkHandshake()
        // Nothing is answered, so nothing is answered ahead or held.
        turnTaking.answersAhead = false
        turnTaking.interruption = .immediate
        var configuration = ConversationMachine.Configuration()
        configuration.transcribesOnly = true
        configuration.turnTaking = turnTaking
        let language = await recognizer.firstUnderstood(of: asked.map { [$0] } ?? [])
        let session = try await parts.directory.make(
            NewSession(api: "speech"),
            parts: SessionParts(
                voiceActivity: voiceActivity,
                recognizer: recognizer,
                responder: parts.responder,
                output: SynthesizedOutput(synthesizer),
                language: language
            ),
            configuration: configuration,
            stores: false
        ).session
        return try await serve(session, request, context, route) { stream in
            await TranscriptionSocket(stream, session: session, language: asked, sampleRate: sampleRate).run()
        }
    }

    // MARK: Both

    /// Opens the socket of a session, which ends with it.
    private func serve(
        _ session: Session,
        _ request: Request,
        _ context: ServingContext,
        _ route: WebSocketRoute,
        _ run: @escaping @Sendable (WebSocketStream) async -> Void
    ) async throws -> Response {
        let directory = parts.directory
        // Held by whoever runs the socket; one that never opens lets go of it.
        let attachment = await directory.attachment(to: session.id)
        do {
            return try await route.upgrade(request, context: context) { [health] _ in
                StreamServer { stream in
                    defer { withExtendedLifetime(attachment) {} }
                    let report = await health.current()
                    if report.recognizer == nil {
                        _ = await SocketLink(stream: stream).complain("No speech recogniser can be used here.")
                        await stream.close(.serverError, reason: "No speech recogniser can be used here.")
                    } else {
                        await run(stream)
                    }
                    try? await directory.close(session.id, outcome: "closed")
                }
            }
        } catch {
            try? await directory.close(session.id, outcome: "refused")
            throw error
        }
    }
}

extension ServingContext {
    /// Refuses a request for a socket that is no opening handshake, before anything is made for it. Throws `APIFailure` (426).
    func requireUpgrade(_ request: Request) throws(APIFailure) {
        guard request.headers[.upgrade] == nil else { return }
        var failure = APIFailure(.upgradeRequired, .validationFailed, "This is a WebSocket; open it with one.")
        failure.headers[.upgrade] = "websocket"
        throw failure
    }
}

/// `/ws/conversation/test`: says what arrived.
struct TestSocket {
    private let link: SocketLink

    init(_ stream: WebSocketStream) { link = SocketLink(stream: stream) }

    func run() async {
        guard await link.send(["type": "ready", "message": "Send text or bytes."]) else { return }
        await link.read { message in
            let answer: JSONValue =
                switch message {
                case .text(let text): ["type": "echo", "message": .string("Echo: " + String(buffer: text))]
                case .binary(let bytes):
                    [
                        "type": "audio_received", "bytes_count": .number(Double(bytes.readableBytes)),
                        "message": .string("\(bytes.readableBytes) bytes arrived."),
                    ]
                }
            return await link.send(answer)
        }
    }
}

import AsyncHTTPClient
import Foundation
import NIOCore
import NIOPosix

/// Why one try of an answer failed.
struct AnswerFailure: Error {
    var code: ResponderError.Code
    /// How long the server wants to be left alone.
    var retryAfter: Duration?
    /// Whether the server can have got the request, at least in part.
    var mayHaveSent = true

    /// Whether the same request may be sent again: the server did not get it, or says that it may work later.
    var mayTryAgain: Bool {
        switch code {
        case .timedOut(.connect, _): true
        case .unreachable: !mayHaveSent
        case .refused(let status, _): status == 408 || status == 429 || (500..<600).contains(status)
        default: false
        }
    }

    /// Whether it shows that the server is in trouble, rather than the request or the settings.
    var isServersFault: Bool {
        switch code {
        case .unreachable, .timedOut, .malformed: true
        default: mayTryAgain
        }
    }
}

extension AnswerFailure {
    /// What an error of the HTTP client means. Its own description stays here: it may hold addresses and what was sent.
    init(_ error: any Error, timeouts: ModelConfiguration.Timeouts) {
        switch error {
        case let failure as AnswerFailure:
            self = failure
            return
        case let error as HTTPClientError where Self.connectTimeouts.contains(error):
            self.init(code: .timedOut(.connect, after: timeouts.connect))
        case let error as HTTPClientError where error == .remoteConnectionClosed || error == .uncleanShutdown:
            self.init(code: .unreachable(reason: "it closed the connection"))
        case is KeptConnectionEnded, is ChannelError:
            self.init(code: .unreachable(reason: "it closed the connection"))
        case let error as NIOConnectionError:
            let reason = error.connectionErrors.first.map { Self.reason($0.error) }
            self.init(code: .unreachable(reason: reason ?? "its name cannot be resolved"))
        default:
            self.init(code: .unreachable(reason: Self.reason(error)))
        }
        mayHaveSent = HTTPClient.mayHaveSent(before: error)
    }

    private static let connectTimeouts: [HTTPClientError] = [
        .connectTimeout, .tlsHandshakeTimeout, .getConnectionFromPoolTimeout,
    ]

    private static func reason(_ error: any Error) -> String {
        switch (error as? IOError)?.errnoCode {
        case ECONNREFUSED: "the connection was refused"
        case ECONNRESET, EPIPE: "it closed the connection"
        case ENETUNREACH, EHOSTUNREACH: "there is no route to it"
        default: "the connection failed (\(type(of: error)))"
        }
    }
}

import HTTPTypes
public import Hummingbird
import NIOCore
public import WebSocket

/// Answers requests for a WebSocket. All middleware runs before it, so refusals are ordinary HTTP answers.
public struct WebSocketRoute: Sendable {
    private let server: WebSocketServer
    private let subprotocols: [String]

    /// Opens WebSockets of `server`. If the client offers subprotocols, the first of them that is among `subprotocols` is
    /// chosen.
    public init(server: WebSocketServer, subprotocols: [String] = []) {
        self.server = server
        self.subprotocols = subprotocols
    }

    /// The answer to a request: 101, after which the connection's delegate is made on its event loop. Throws `APIFailure`
    /// for a request that is no opening handshake (400, 426) and when there are too many connections (429, 503).
    public func upgrade(
        _ request: Request,
        context: ServingContext,
        makeDelegate: @escaping @Sendable (WebSocketConnection) -> any WebSocketDelegate
    ) async throws -> Response {
        let accepted = try AcceptedHandshake(
            request,
            subprotocols: subprotocols,
            compression: server.options.compression
        )
        let admission = try admit(context)
        let server = server
        let channel = context.channel
        try await channel.eventLoop.submit {
            let handler = try channel.pipeline.syncOperations.handler(type: UpgradeHandler.self)
            handler.acceptor = { socket in
                server.adopt(
                    socket,
                    compression: accepted.compression,
                    admission: admission,
                    makeDelegate: makeDelegate
                )
            }
        }.get()
        return Response(status: .switchingProtocols, headers: accepted.headers)
    }

    private func admit(_ context: ServingContext) throws -> Admission {
        do {
            return try server.admit(context.clientAddress)
        } catch {
            let status: HTTPResponse.Status
            switch error {
            case .fullForAddress: status = .tooManyRequests
            case .full, .shuttingDown: status = .serviceUnavailable
            }
            var failure = APIFailure(status, .overloaded, error.description)
            failure.retryAfter = .seconds(5)
            throw failure
        }
    }
}

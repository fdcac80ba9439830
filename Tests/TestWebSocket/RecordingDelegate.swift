import NIOCore
public import TestRedis
public import WebSocket

/// Something that happens to a connection.
public enum SocketEvent: Sendable, Equatable {
    /// It is open.
    case opened
    /// A message arrived.
    case message(WebSocketMessage)
    /// The peer has read all that waited.
    case drained
    /// It is gone.
    case closed(CloseCode, String)

    /// The code of a connection that is gone.
    public var closeCode: CloseCode? {
        if case .closed(let code, _) = self { code } else { nil }
    }

    /// The message that arrived.
    public var message: WebSocketMessage? {
        if case .message(let message) = self { message } else { nil }
    }
}

/// The server's end of a connection, for tests.
public struct ServerSocket: Sendable {
    /// What happened to it.
    public let events = Recorder<SocketEvent>()
    private let connection: NIOLoopBoundBox<WeakConnection>
    private let eventLoop: any EventLoop

    private struct WeakConnection {
        weak var connection: WebSocketConnection?
    }

    /// The connection is gone.
    public struct Gone: Error {
        /// It is gone.
        public init() {}
    }

    /// The server's end. To be made on its loop.
    public init(_ connection: WebSocketConnection) {
        eventLoop = connection.eventLoop
        // A connection gives its place among the others back when nobody holds it.
        self.connection = NIOLoopBoundBox(WeakConnection(connection: connection), eventLoop: eventLoop)
    }

    /// Uses the connection on its loop. Throws `Gone`, or what `body` throws.
    public func run<Result: Sendable>(
        _ body: @escaping @Sendable (WebSocketConnection) throws -> Result
    ) async throws -> Result {
        try await eventLoop.submit { [connection] in
            guard let connection = connection.value.connection else { throw Gone() }
            return try body(connection)
        }.get()
    }

    /// Waits until it is gone, and returns how it ended.
    @discardableResult
    public func closed() async -> CloseCode? {
        await events.wait { $0.contains { $0.closeCode != nil } }.last?.closeCode
    }

    /// Waits until so many messages have arrived.
    @discardableResult
    public func messages(_ count: Int) async -> [WebSocketMessage] {
        await events.wait { $0.count { $0.message != nil } >= count }.compactMap(\.message)
    }
}

/// Writes down what happens to connections.
public final class RecordingDelegate: WebSocketDelegate {
    private let socket: ServerSocket
    private let onMessage: (WebSocketConnection, WebSocketMessage) -> Void

    /// Writes down what happens to `connection`, which `sockets` gets to know of, and calls `onMessage` for each message.
    public init(
        _ connection: WebSocketConnection,
        in sockets: Recorder<ServerSocket>,
        onMessage: @escaping (WebSocketConnection, WebSocketMessage) -> Void = { _, _ in }
    ) {
        socket = ServerSocket(connection)
        self.onMessage = onMessage
        sockets.record(socket)
    }

    /// Notes that it is open.
    public func webSocketDidOpen(_ connection: WebSocketConnection) { socket.events.record(.opened) }

    /// Notes the message.
    public func webSocket(_ connection: WebSocketConnection, didReceive message: WebSocketMessage) {
        socket.events.record(.message(message))
        onMessage(connection, message)
    }

    /// Notes that the peer has read all.
    public func webSocketDidDrain(_ connection: WebSocketConnection) { socket.events.record(.drained) }

    /// Notes how it ended.
    public func webSocketDidClose(_ connection: WebSocketConnection, code: CloseCode, reason: String) {
        socket.events.record(.closed(code, reason))
    }
}

extension Recorder<ServerSocket> {
    /// Waits until there are so many connections, and returns the last of them. Throws `CancellationError`.
    public func socket(_ number: Int = 1) async throws -> ServerSocket {
        let sockets = await wait(forCount: number)
        guard sockets.count >= number else { throw CancellationError() }
        return sockets[number - 1]
    }
}

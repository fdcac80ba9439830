import NIOCore

/// Serves an accepted connection by a task that reads and writes it as a stream. The task is cancelled when the connection
/// is gone; when it returns first, the connection is closed.
public final class StreamServer: WebSocketDelegate {
    private let mailbox = Mailbox()
    private let serve: @Sendable (WebSocketStream) async -> Void
    private var task: Task<Void, Never>?

    /// A delegate whose connection is served by `serve`.
    public init(_ serve: @escaping @Sendable (WebSocketStream) async -> Void) {
        self.serve = serve
    }

    /// Starts the task.
    public func webSocketDidOpen(_ connection: WebSocketConnection) {
        let stream = WebSocketStream(connection, mailbox: mailbox, subprotocol: nil)
        task = Task { [serve] in
            await serve(stream)
            await stream.close(.normal)
        }
    }

    /// Hands the message to the task.
    public func webSocket(_ connection: WebSocketConnection, didReceive message: WebSocketMessage) {
        if !mailbox.deliver(message) { connection.setReading(false) }
    }

    /// Lets the task send again.
    public func webSocketDidDrain(_ connection: WebSocketConnection) { mailbox.drained() }

    /// Cancels the task.
    public func webSocketDidClose(_ connection: WebSocketConnection, code: CloseCode, reason: String) {
        mailbox.end(WebSocketStream.Ending(code: code, reason: reason))
        task?.cancel()
    }
}

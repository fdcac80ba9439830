public import Resilience

/// What uses a connection. All of it is called on the connection's event loop.
public protocol WebSocketDelegate: AnyObject {
    /// The connection is open; frames may be sent.
    func webSocketDidOpen(_ connection: WebSocketConnection)

    /// A whole message arrived. Text is valid UTF-8.
    func webSocket(_ connection: WebSocketConnection, didReceive message: WebSocketMessage)

    /// The peer has sent so much since the last time and since `WebSocketConnection.takeUsage()`; after what it sent was
    /// carried out.
    func webSocket(_ connection: WebSocketConnection, didTake usage: WebSocketUsage)

    /// The peer sends more than `WebSocketOptions.rates`. The delegate is to close.
    func webSocket(_ connection: WebSocketConnection, didExceed excess: RateLimit.Excess)

    /// The peer reads too slowly: more than `WebSocketOptions.queueBytes` would wait for it. The delegate should close.
    func webSocketDidOverflow(_ connection: WebSocketConnection)

    /// The peer has read all that waited for it.
    func webSocketDidDrain(_ connection: WebSocketConnection)

    /// The peer gave no sign of life for too long. The delegate should close.
    func webSocketDidLosePeer(_ connection: WebSocketConnection)

    /// The server is to close the connection, for it shuts down. The delegate should say goodbye and close.
    func webSocket(_ connection: WebSocketConnection, shouldCloseWith code: CloseCode, reason: String)

    /// The connection is gone. `code` is the peer's or ours, whichever began to close; `abnormal` when nobody did.
    func webSocketDidClose(_ connection: WebSocketConnection, code: CloseCode, reason: String)
}

extension WebSocketDelegate {
    /// Does nothing.
    public func webSocketDidDrain(_ connection: WebSocketConnection) {}

    /// Does nothing.
    public func webSocket(_ connection: WebSocketConnection, didTake usage: WebSocketUsage) {}

    /// Closes with 4429.
    public func webSocket(_ connection: WebSocketConnection, didExceed excess: RateLimit.Excess) {
        connection.close(.tooManyMessages, reason: "You send too \(excess == .messages ? "many messages" : "much").")
    }

    /// Closes.
    public func webSocket(_ connection: WebSocketConnection, shouldCloseWith code: CloseCode, reason: String) {
        connection.close(code, reason: reason)
    }

    /// Closes with the code that tells the peer to come back.
    public func webSocketDidOverflow(_ connection: WebSocketConnection) {
        connection.discardQueue()
        connection.close(.tryAgainLater, reason: "You read too slowly.")
    }

    /// Cuts the connection off.
    public func webSocketDidLosePeer(_ connection: WebSocketConnection) {
        connection.abort()
    }
}

import WebSocket

/// Sends every message back.
final class EchoClient: WebSocketDelegate {
    func webSocketDidOpen(_ connection: WebSocketConnection) {}

    func webSocket(_ connection: WebSocketConnection, didReceive message: WebSocketMessage) {
        connection.send(message)
    }

    func webSocketDidClose(_ connection: WebSocketConnection, code: CloseCode, reason: String) {}
}

import NIOCore

/// Puts what happens on a connection into a mailbox.
final class StreamDelegate: WebSocketDelegate {
    private let mailbox: Mailbox

    init(mailbox: Mailbox) {
        self.mailbox = mailbox
    }

    func webSocketDidOpen(_ connection: WebSocketConnection) {}

    func webSocket(_ connection: WebSocketConnection, didReceive message: WebSocketMessage) {
        if !mailbox.deliver(message) { connection.setReading(false) }
    }

    func webSocketDidDrain(_ connection: WebSocketConnection) {
        mailbox.drained()
    }

    func webSocketDidClose(_ connection: WebSocketConnection, code: CloseCode, reason: String) {
        mailbox.end(WebSocketStream.Ending(code: code, reason: reason))
    }
}

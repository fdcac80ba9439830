/// Why a client has no connection.
public struct WebSocketClientError: Error, CustomStringConvertible {
    enum Reason {
        case badURL(String)
        case refused(status: Int, body: String)
        case notAWebSocket(String)
        case closedEarly
        case timedOut(Duration)
    }

    let reason: Reason

    /// The HTTP status of a server that refused; nil for other failures.
    public var status: Int? {
        if case .refused(let status, _) = reason { status } else { nil }
    }

    /// One sentence.
    public var description: String {
        switch reason {
        case .badURL(let url):
            // What follows the path may hold a token.
            "\(url.prefix { $0 != "?" }) is no address of a WebSocket; it begins with ws:// or wss://."
        case .refused(let status, let body):
            "The server refused with status \(status)\(body.isEmpty ? "" : ": " + body)"
        case .notAWebSocket(let why): "The server answered, but not as a WebSocket server does: \(why)"
        case .closedEarly: "The server closed the connection before it was a WebSocket."
        case .timedOut(let time): "The server did not answer within \(time)."
        }
    }
}

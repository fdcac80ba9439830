/// Why a server's response does not open the WebSocket connection that was asked for.
public enum ClientHandshakeFailure: Error, Equatable, CustomStringConvertible {
    /// The status is not 101.
    case status(Int)
    /// The response does not confirm the upgrade to `websocket`.
    case noUpgrade
    /// `Sec-WebSocket-Accept` is missing or does not answer the key.
    case acceptKey
    /// The server chose a subprotocol that was not offered.
    case subprotocol(String)
    /// The server accepted an extension, or a form of one, that was not offered.
    case extensions(String)

    /// One sentence.
    public var description: String {
        switch self {
        case .status(let status):
            "The server refused the WebSocket connection with status \(status): check the address and the credentials."
        case .noUpgrade:
            "The server's response does not upgrade to WebSocket: check the address and any proxy on the way."
        case .acceptKey:
            "The server's Sec-WebSocket-Accept does not answer the key: check any proxy or cache on the way."
        case .subprotocol(let name):
            "The server chose the subprotocol \(name.prefix(64)), which was not offered: offer one that it speaks."
        case .extensions(let value):
            "The server accepted extensions that were not offered (\(value.prefix(64))): connect without compression."
        }
    }
}

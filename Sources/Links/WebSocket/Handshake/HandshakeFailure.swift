/// Why a request does not open a WebSocket connection.
public enum HandshakeFailure: Error, Equatable, CustomStringConvertible {
    /// The request's method is not GET.
    case method(String)
    /// The request does not ask for the upgrade to `websocket`.
    case noUpgrade
    /// The protocol version is missing or not 13.
    case version(String?)
    /// The key is missing, repeated or not 16 bytes in Base64.
    case key

    /// The status of the response: 400, 405 or 426.
    public var status: Int {
        switch self {
        case .method: 405
        case .noUpgrade, .version: 426
        case .key: 400
        }
    }

    /// The fields that the response must have because of the failure.
    public var headers: [(name: String, value: String)] {
        switch self {
        case .method:
            [("Allow", "GET")]
        case .noUpgrade, .version:
            [("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Version", Handshake.version)]
        case .key:
            []
        }
    }

    /// One sentence for the response's body.
    public var description: String {
        switch self {
        case .method(let method):
            "A WebSocket connection is opened with GET, not with \(method.prefix(32))."
        case .noUpgrade:
            "This address speaks WebSocket: send the headers Upgrade: websocket and Connection: Upgrade."
        case .version(nil):
            "The header Sec-WebSocket-Version is missing: send version \(Handshake.version)."
        case .version(let version?):
            "WebSocket version \(version.prefix(32)) is not supported: send version \(Handshake.version)."
        case .key:
            "The header Sec-WebSocket-Key must be there once and hold 16 bytes in Base64."
        }
    }
}

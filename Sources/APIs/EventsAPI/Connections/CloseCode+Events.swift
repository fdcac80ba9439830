import WebSocket

extension CloseCode {
    /// The key or token has expired or was revoked; come back with another one.
    static let credentialsEnded = CloseCode(rawValue: 4401)
    /// No sign of life; come back.
    static let silent = CloseCode(rawValue: 4408)
    /// A newer connection with the same credentials took its place.
    static let replaced = CloseCode(rawValue: 4409)
}

/// What a checked handshake request asks for.
public struct HandshakeRequest: Sendable, Equatable {
    /// The client's key, 16 bytes in Base64.
    public let key: String
    /// The subprotocols offered, the client's favourite first; empty when none are.
    public let protocols: [String]
    /// The value of `Sec-WebSocket-Extensions`; see ``CompressionParameters/negotiate(offers:options:)``.
    public let extensions: String?

    /// The fields of the 101 response.
    /// - Parameters:
    ///   - subprotocol: the chosen one of ``protocols``, nil for none.
    ///   - extensions: the accepted extensions, nil for none.
    public func responseHeaders(
        subprotocol: String? = nil,
        extensions: String? = nil
    ) -> [(name: String, value: String)] {
        var headers = [
            (name: "Upgrade", value: "websocket"),
            (name: "Connection", value: "Upgrade"),
            (name: "Sec-WebSocket-Accept", value: Handshake.acceptKey(for: key)),
        ]
        if let subprotocol { headers.append(("Sec-WebSocket-Protocol", subprotocol)) }
        if let extensions { headers.append(("Sec-WebSocket-Extensions", extensions)) }
        return headers
    }
}

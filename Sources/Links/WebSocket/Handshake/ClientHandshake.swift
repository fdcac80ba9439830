internal import Foundation

/// The client's side of one opening handshake: the fields of the request and the check of the response.
public struct ClientHandshake: Sendable {
    /// The value of `Sec-WebSocket-Key`, 16 random bytes in Base64, new for every connection.
    public let key: String
    /// The subprotocols offered, the favourite first.
    public let protocols: [String]
    /// What is offered about compression, nil for none.
    public let compression: CompressionOptions?

    /// A handshake with a key of its own.
    public init(protocols: [String] = [], compression: CompressionOptions? = nil) {
        self.init(key: Self.makeKey(), protocols: protocols, compression: compression)
    }

    init(key: String, protocols: [String], compression: CompressionOptions?) {
        self.key = key
        self.protocols = protocols
        self.compression = compression
    }

    private static func makeKey() -> String {
        Data((0..<16).map { _ in UInt8.random(in: .min ... .max) }).base64EncodedString()
    }

    /// The fields of the GET request, besides Host.
    public var requestHeaders: [(name: String, value: String)] {
        var headers = [
            (name: "Upgrade", value: "websocket"),
            (name: "Connection", value: "Upgrade"),
            (name: "Sec-WebSocket-Version", value: Handshake.version),
            (name: "Sec-WebSocket-Key", value: key),
        ]
        if !protocols.isEmpty {
            headers.append(("Sec-WebSocket-Protocol", protocols.joined(separator: ", ")))
        }
        if let compression {
            headers.append(("Sec-WebSocket-Extensions", CompressionParameters.offer(compression)))
        }
        return headers
    }

    /// Checks the server's response.
    /// - Parameters:
    ///   - status: the status of the response, which must be 101.
    ///   - header: looks up a header value, several fields of one name joined with commas.
    /// - Returns: the chosen subprotocol and the compression, nil where there is none.
    /// - Throws: ``ClientHandshakeFailure``; the connection must be closed then.
    public func check(
        status: Int,
        header: (String) -> String?
    ) throws(ClientHandshakeFailure) -> (subprotocol: String?, compression: CompressionParameters?) {
        guard status == 101 else { throw .status(status) }
        guard Handshake.elements(header("Upgrade")).map({ $0.lowercased() }) == ["websocket"],
            Handshake.elements(header("Connection")).contains(where: { $0.lowercased() == "upgrade" })
        else { throw .noUpgrade }
        guard Handshake.elements(header("Sec-WebSocket-Accept")) == [Handshake.acceptKey(for: key)] else {
            throw .acceptKey
        }
        var subprotocol: String?
        if let value = header("Sec-WebSocket-Protocol") {
            let chosen = Handshake.elements(value)
            guard chosen.count == 1, protocols.contains(chosen[0]) else { throw .subprotocol(value) }
            subprotocol = chosen[0]
        }
        guard let value = header("Sec-WebSocket-Extensions"), !Handshake.elements(value).isEmpty else {
            return (subprotocol, nil)
        }
        guard let compression, let parameters = CompressionParameters.accept(response: value, options: compression)
        else { throw .extensions(value) }
        return (subprotocol, parameters)
    }
}

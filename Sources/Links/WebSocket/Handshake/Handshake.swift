internal import Crypto
internal import Foundation

/// The opening handshake over HTTP/1.1 (RFC 6455, section 4), over plain strings.
///
/// Header values are looked up with a closure that takes a field's name and gives its value, several fields of one name
/// joined with commas, or nil.
public enum Handshake {
    /// The only version of the protocol.
    public static let version = "13"

    private static let acceptSuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

    /// The value of `Sec-WebSocket-Accept` that answers a client's `Sec-WebSocket-Key`.
    public static func acceptKey(for key: String) -> String {
        var hash = Insecure.SHA1()
        var text = key + acceptSuffix
        text.withUTF8 { hash.update(bufferPointer: UnsafeRawBufferPointer($0)) }
        return Data(hash.finalize()).base64EncodedString()
    }

    /// Checks, on the server, whether a request opens a WebSocket connection.
    /// - Parameters:
    ///   - method: the request's method, which must be GET.
    ///   - header: looks up a header value.
    /// - Returns: what the request asks for.
    /// - Throws: ``HandshakeFailure`` with the status and fields of the refusing response.
    public static func check(
        method: String,
        header: (String) -> String?
    ) throws(HandshakeFailure) -> HandshakeRequest {
        guard method == "GET" else { throw .method(method) }
        guard elements(header("Upgrade")).contains(where: { $0.lowercased() == "websocket" }),
            elements(header("Connection")).contains(where: { $0.lowercased() == "upgrade" })
        else { throw .noUpgrade }
        let version = header("Sec-WebSocket-Version")
        guard elements(version) == [Self.version] else { throw .version(version) }
        guard let key = elements(header("Sec-WebSocket-Key")).first, elements(header("Sec-WebSocket-Key")).count == 1,
            Data(base64Encoded: key)?.count == 16
        else { throw .key }
        return HandshakeRequest(
            key: key,
            protocols: elements(header("Sec-WebSocket-Protocol")),
            extensions: header("Sec-WebSocket-Extensions")
        )
    }

    /// The first protocol that the client offers and the server supports; nil when there is none.
    public static func chooseProtocol(offered: [String], supported: [String]) -> String? {
        offered.first(where: supported.contains)
    }

    /// The elements of a comma-separated header value without the space around them; empty ones are left out.
    static func elements(_ value: String?) -> [String] {
        guard let value else { return [] }
        return value.utf8.split(separator: UInt8(ascii: ",")).compactMap { element in
            let isSpace = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
            var trimmed = element.drop(while: isSpace)
            while let last = trimmed.last, isSpace(last) { trimmed.removeLast() }
            return trimmed.isEmpty ? nil : String(Substring(trimmed))
        }
    }
}

import Foundation

/// Where a WebSocket server is, taken from a URL.
struct WebSocketAddress: Sendable, Equatable {
    let host: String
    let port: Int
    let isSecure: Bool
    /// Path and query.
    let target: String

    /// Reads `ws://host[:port]/path?query` or `wss://…`. Throws `WebSocketClientError`.
    init(_ text: String) throws(WebSocketClientError) {
        guard let url = URLComponents(string: text), let scheme = url.scheme?.lowercased(),
            ["ws", "wss", "http", "https"].contains(scheme), let host = url.host, !host.isEmpty
        else { throw WebSocketClientError(reason: .badURL(text)) }
        isSecure = scheme == "wss" || scheme == "https"
        self.host = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        port = url.port ?? (isSecure ? 443 : 80)
        let path = url.percentEncodedPath
        target = (path.isEmpty ? "/" : path) + (url.percentEncodedQuery.map { "?" + $0 } ?? "")
    }

    /// The `Host` header.
    var authority: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == (isSecure ? 443 : 80) ? name : "\(name):\(port)"
    }
}

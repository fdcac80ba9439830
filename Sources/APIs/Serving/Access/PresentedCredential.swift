import HTTPTypes
import Hummingbird

/// What a request shows to be let in.
enum PresentedCredential: Sendable, Equatable {
    /// Text that should be an API key.
    case key(String)
    /// Text that should be a connection token.
    case token(String)
    /// Something in the address, or in the subprotocols of what is no handshake, that is not a connection token; an API key,
    /// perhaps.
    case misplaced

    /// The credential of a request; nil without one. Of several the first counts: `Authorization: Bearer …`,
    /// `X-API-Key`, the subprotocol `bearer.…`, the query's `access_token`.
    init?(_ request: Request) {
        if let authorization = request.headers[.authorization], authorization.prefix(7).lowercased() == "bearer " {
            let text = String(authorization.dropFirst(7))
            self = Self.isToken(text) ? .token(text) : .key(text)
        } else if let key = request.headers[.apiKey] {
            self = .key(key)
        } else if let text = Self.subprotocol(in: request) {
            // A page cannot set the headers of a WebSocket's handshake. Other requests can have a header.
            self = Self.isToken(text) ? .token(text) : request.headers[.upgrade] == nil ? .misplaced : .key(text)
        } else if let text = request.uri.queryParameters["access_token"].map(String.init) {
            self = Self.isToken(text) ? .token(text) : .misplaced
        } else {
            return nil
        }
    }

    /// Browsers cannot set headers of a WebSocket's handshake, but its subprotocols.
    private static func subprotocol(in request: Request) -> String? {
        let mark = "bearer."
        return request.headers[.secWebSocketProtocol]?.split(separator: ",")
            .map { $0.trimmingPrefix { $0 == " " } }
            .first { $0.hasPrefix(mark) }
            .map { String($0.dropFirst(mark.count).prefix { $0 != " " }) }
    }

    /// Tokens have dots between their parts, keys have none.
    private static func isToken(_ text: String) -> Bool { text.utf8.contains(UInt8(ascii: ".")) }
}

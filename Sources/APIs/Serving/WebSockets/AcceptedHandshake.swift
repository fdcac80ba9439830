import HTTPTypes
import Hummingbird
import WebSocket

/// An opening handshake that is agreed to: what to answer, and how messages are compressed.
struct AcceptedHandshake {
    let headers: HTTPFields
    let compression: CompressionParameters?

    /// Agrees to a request. Of the subprotocols the first that the client offers and the server knows is chosen. Throws
    /// `APIFailure` (400, 405, 426).
    init(_ request: Request, subprotocols: [String], compression options: CompressionOptions?) throws(APIFailure) {
        // A body would be taken for frames.
        guard request.headers[.transferEncoding] == nil, (request.headers[.contentLength] ?? "0") == "0" else {
            throw APIFailure(.badRequest, .validationFailed, "An opening handshake has no body.")
        }
        let wanted: HandshakeRequest
        do {
            wanted = try Handshake.check(method: request.method.rawValue) { name in
                // Over HTTP/1.1 the codec keeps `Connection` and `Upgrade` like other fields.
                HTTPField.Name(name).flatMap { request.headers[$0] }
            }
        } catch {
            var failure = APIFailure(.init(code: error.status), .validationFailed, error.description)
            failure.headers.append(contentsOf: Self.fields(error.headers))
            throw failure
        }
        let agreed = options.flatMap { CompressionParameters.negotiate(offers: wanted.extensions, options: $0) }
        compression = agreed?.parameters
        headers = Self.fields(
            wanted.responseHeaders(
                subprotocol: Handshake.chooseProtocol(offered: wanted.protocols, supported: subprotocols),
                extensions: agreed?.response
            )
        )
    }

    private static func fields(_ headers: [(name: String, value: String)]) -> HTTPFields {
        var fields = HTTPFields()
        for (name, value) in headers {
            if let name = HTTPField.Name(name) { fields[name] = value }
        }
        return fields
    }
}

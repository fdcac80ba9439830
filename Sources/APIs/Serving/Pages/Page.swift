import HTTPTypes
public import Hummingbird
import NIOCore

/// A page for people: one file of our own with its style and script in it, or with modules of this server, which may talk
/// to this server only.
public struct Page: Sendable {
    /// Where the page has the word that its style and script must know to be let in.
    public static let placeholder = "{{nonce}}"

    private let html: String
    private let hasModules: Bool

    /// The page in `bytes`. One that has modules may run those of this server, in workers and on the audio thread too.
    public init(_ bytes: [UInt8], hasModules: Bool = false) {
        self.hasModules = hasModules
        html = String(decoding: bytes, as: UTF8.self)
    }

    /// The page as an answer, with a new word for each.
    public func response() -> Response {
        let nonce = (0..<2).map { _ in String(UInt64.random(in: .min ... .max), radix: 36) }.joined()
        let policy = [
            "default-src 'none'", "script-src 'nonce-\(nonce)'\(hasModules ? " 'self'; worker-src 'self'" : "")",
            "style-src 'nonce-\(nonce)'", "connect-src 'self'",
            "media-src blob:", "img-src data:", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
        ]
        let text = html.replacing(Self.placeholder, with: nonce)
        return Response(
            status: .ok,
            headers: [
                .contentType: "text/html; charset=utf-8", .contentLength: String(text.utf8.count),
                .contentSecurityPolicy: policy.joined(separator: "; "), .xContentTypeOptions: "nosniff",
                .referrerPolicy: "no-referrer", .cacheControl: "no-store",
            ],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text))
        )
    }
}

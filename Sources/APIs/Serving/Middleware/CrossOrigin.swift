import Foundation
import HTTPTypes
public import Hummingbird
public import Settings

/// Keeps web pages of other origins out, but for those that the settings allow (CORS).
///
/// A page of the same origin, and one from this machine, may always come in. A request without an origin does not come
/// from a page.
public struct CrossOrigin: RouterMiddleware {
    /// What a request is handled with.
    public typealias Context = ServingContext

    /// What pages may read of an answer beside its body and type.
    private static let exposed = [
        "x-request-id", "x-processing-time", "x-session-id", "x-transcription", "x-voice", "x-engine",
        "x-ignored-fields",
        "retry-after", "content-disposition",
    ].joined(separator: ", ")

    private let settings: SettingsStore
    private let isForThisMachineOnly: Bool

    /// Middleware that asks `settings` for the allowed origins. A server `forThisMachineOnly`, which asks for no key,
    /// answers only to this machine's own names: a page may give any name this machine's address (DNS rebinding).
    public init(settings: SettingsStore, forThisMachineOnly: Bool) {
        self.settings = settings
        isForThisMachineOnly = forThisMachineOnly
    }

    /// Handles a request.
    public func handle(
        _ request: Request,
        context: ServingContext,
        next: @concurrent (Request, ServingContext) async throws -> Response
    ) async throws -> Response {
        if isForThisMachineOnly, let host = request.head.authority, !isKnown(host) {
            throw APIFailure(
                .misdirectedRequest,
                .forbidden,
                "This server answers to localhost only; to let a proxy pass another name on, use an API key."
            )
        }
        var context = context
        if context.trust == .network, let host = request.head.authority, !isAddress(host), !isKnown(host) {
            context.trust = .unknownName
        }
        guard let origin = request.headers[.origin] else { return try await next(request, context) }
        guard isAllowed(origin, host: request.head.authority, isSecure: context.isSecure) else {
            throw APIFailure(
                .forbidden,
                .forbidden,
                "The origin of this page is not allowed; add it to http.cors_origins."
            )
        }
        if request.method == .options, request.headers[.accessControlRequestMethod] != nil {
            return Response(status: .noContent, headers: preflight(origin, request))
        }
        do {
            var response = try await next(request, context)
            response.headers.append(contentsOf: grant(origin))
            return response
        } catch {
            var failure = APIFailure(error)
            failure.headers.append(contentsOf: grant(origin))
            throw failure
        }
    }

    /// A page of the server's own host is one of the server. Without TLS it may also be one of `https`, which a proxy has
    /// decrypted; with TLS it is none of `http`, which anybody on the way could have written.
    func isAllowed(_ origin: String, host: String?, isSecure: Bool) -> Bool {
        let allowed = settings.current.http.corsOrigins
        if allowed.contains(origin) || allowed.contains("*") { return true }
        guard let schemeEnd = origin.range(of: "://") else { return false }
        let authority = origin[schemeEnd.upperBound...]
        let isOfThisScheme = !isSecure || origin[..<schemeEnd.lowerBound].lowercased() == "https"
        if let host, isOfThisScheme, authority.lowercased() == host.lowercased() { return true }
        return Self.isOwnName(authority)
    }

    /// Whether a host is an IP address, which no stranger's name leads to.
    private func isAddress(_ host: String) -> Bool {
        if host.hasPrefix("[") { return IPAddress(host.dropFirst().prefix { $0 != "]" }) != nil }
        return IPAddress(host.prefix { $0 != ":" }) != nil
    }

    /// Whether a host is this machine's own or that of an allowed origin.
    func isKnown(_ host: String) -> Bool {
        Self.isOwnName(host[...])
            || settings.current.http.corsOrigins.contains { $0 == "*" || $0.hasSuffix("://" + host) }
    }

    private static func isOwnName(_ authority: Substring) -> Bool {
        let name = authority.hasPrefix("[") ? authority.prefix { $0 != "]" } + "]" : authority.prefix { $0 != ":" }
        let numbers = name.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        return name.lowercased() == "localhost" || name == "[::1]"
            || numbers.count == 4 && numbers.first == 127 && !numbers.contains(nil)
    }

    private func grant(_ origin: String) -> HTTPFields {
        [
            .accessControlAllowOrigin: origin, .accessControlAllowCredentials: "true", .vary: "Origin",
            .accessControlExposeHeaders: Self.exposed,
        ]
    }

    private func preflight(_ origin: String, _ request: Request) -> HTTPFields {
        var headers = grant(origin)
        headers[.accessControlAllowMethods] = "GET, POST, PUT, PATCH, DELETE, OPTIONS"
        headers[.accessControlAllowHeaders] = request.headers[.accessControlRequestHeaders] ?? "*"
        headers[.accessControlMaxAge] = "600"
        return headers
    }
}

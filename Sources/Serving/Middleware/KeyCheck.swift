import HTTPTypes
public import Hummingbird
public import Storage

/// Lets only requests with a valid API key through, but for a few paths that tell nothing.
public struct KeyCheck: RouterMiddleware {
    /// What a request is handled with.
    public typealias Context = ServingContext

    /// The paths that need no key: for probes and for the page that asks for one.
    static let open: Set<String> = ["/health", "/", "/docs", "/openapi.json"]

    private let keys: APIKeyStore

    /// Middleware that looks keys up in `keys`.
    public init(keys: APIKeyStore) {
        self.keys = keys
    }

    /// Handles a request.
    public func handle(
        _ request: Request,
        context: ServingContext,
        next: @concurrent (Request, ServingContext) async throws -> Response
    ) async throws -> Response {
        if Self.open.contains(request.uri.path) { return try await next(request, context) }
        guard let presented = Self.key(in: request) else {
            throw refusal("An API key is needed; send it as Authorization: Bearer KEY. antiphon keys add makes one.")
        }
        guard keys.verify(presented) != nil else {
            throw refusal("The API key is not valid; it may have been revoked.")
        }
        return try await next(request, context)
    }

    private func refusal(_ message: String) -> APIFailure {
        var failure = APIFailure(.unauthorized, .unauthorized, message)
        failure.headers[.wwwAuthenticate] = "Bearer"
        return failure
    }

    /// The key in `Authorization: Bearer …` or `X-API-Key`.
    static func key(in request: Request) -> String? {
        if let authorization = request.headers[.authorization], authorization.lowercased().hasPrefix("bearer ") {
            return String(authorization.dropFirst(7))
        }
        return HTTPField.Name("x-api-key").flatMap { request.headers[$0] }
    }
}

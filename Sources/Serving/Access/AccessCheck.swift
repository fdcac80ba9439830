import HTTPTypes
public import Hummingbird

/// Lets only requests with a valid API key or connection token through, but for a few paths that tell nothing, and
/// says in `ServingContext.identity` who is asking.
public struct AccessCheck: RouterMiddleware {
    /// What a request is handled with.
    public typealias Context = ServingContext

    /// The first segments of the events API's paths that serve topics: those that a connection token opens.
    public static let topicPaths: Set<String> = ["ws", "publish", "broadcast", "history", "presence", "state"]

    /// The paths that need no key: for probes and for the page that asks for one.
    static let open: Set<String> = ["/health", "/", "/docs", "/openapi.json"]

    private let authenticator: Authenticator?
    private let tokenPaths: Set<String>

    /// Middleware that asks `authenticator` who a client is; without one everybody may everything. Connection tokens
    /// open the paths that begin with one of the segments `tokenPaths`, and no other.
    public init(authenticator: Authenticator?, tokenPaths: Set<String> = []) {
        self.authenticator = authenticator
        self.tokenPaths = tokenPaths
    }

    /// Handles a request.
    public func handle(
        _ request: Request,
        context: ServingContext,
        next: @concurrent (Request, ServingContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        context.identity = try identity(for: request)
        return try await next(request, context)
    }

    /// Who is asking. Throws `APIFailure` (401, 403) if they may not.
    public func identity(for request: Request) throws(APIFailure) -> Identity {
        guard let authenticator else { return .open }
        let path = request.uri.path
        if Self.open.contains(path) { return .unidentified }
        guard let credential = PresentedCredential(request) else {
            throw .unauthorized(
                "An API key is needed; send it as Authorization: Bearer KEY. antiphon keys add makes one."
            )
        }
        let identity = try authenticator.identity(of: credential)
        if case .token = identity.kind, !acceptsTokens(path) {
            throw APIFailure(
                .forbidden,
                .forbidden,
                "A connection token opens the topics of the events API only; use an API key here."
            )
        }
        return identity
    }

    private func acceptsTokens(_ path: String) -> Bool {
        path.split(separator: "/", maxSplits: 1).first.map { tokenPaths.contains(String($0)) } ?? false
    }
}

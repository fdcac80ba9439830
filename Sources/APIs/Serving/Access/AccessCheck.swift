import HTTPTypes
public import Hummingbird

/// Lets only requests through whose API key or connection token is valid and for that route, but for the routes that
/// need none, and says in `ServingContext.identity` who is asking. A client that waits to be told to send its body is told
/// then, so that one who is refused sends nothing in vain; every listener needs this middleware behind all that refuses.
public struct AccessCheck: RouterMiddleware {
    /// What a request is handled with.
    public typealias Context = ServingContext

    private let authenticator: Authenticator?
    private let table: AccessTable

    /// Middleware that asks `authenticator` who a client is, and `table` what a route needs; without an authenticator
    /// everybody may everything.
    public init(authenticator: Authenticator?, table: AccessTable) {
        self.authenticator = authenticator
        self.table = table
    }

    /// Handles a request.
    public func handle(
        _ request: Request,
        context: ServingContext,
        next: @concurrent (Request, ServingContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        context.identity = try identity(for: request, route: context.endpointPath, trust: context.trust)
        context.facts.keyName = context.identity.name
        if context.endpointPath != nil, request.headers[.expect] != nil {
            context.channel.triggerUserOutboundEvent(RequestIsWanted(), promise: nil)
        }
        return try await next(request, context)
    }

    /// Who is asking. `route` is the route's path as the router writes it, nil if there is no such route: what there is,
    /// only those with a key learn. Throws `APIFailure` (401, 403) if they may not.
    /// A client in a trusted network may do everything, unless it shows a valid key or token, which then counts.
    public func identity(
        for request: Request,
        route: String?,
        trust: NetworkTrust = .none
    ) throws(APIFailure) -> Identity {
        guard let authenticator else { return .open }
        let access = route.flatMap { table.access(path: $0, method: request.method) }
        if access == .open { return .unidentified }
        guard let credential = PresentedCredential(request) else {
            if trust == .network { return .open }
            let hint =
                trust == .unknownName
                ? " To need none from here, call the server by its IP address, or add its name to http.cors_origins."
                : ""
            throw .unauthorized(
                "An API key is needed; send it as Authorization: Bearer KEY. antiphon keys add makes one." + hint
            )
        }
        let identity: Identity
        do {
            identity = try authenticator.identity(of: credential)
        } catch {
            // Many programs send something as a key although none is needed.
            if trust == .network { return .open }
            throw error
        }
        try Self.check(identity, for: access, isRoute: route != nil)
        return identity
    }

    private static func check(_ identity: Identity, for access: RouteAccess?, isRoute: Bool) throws(APIFailure) {
        if case .token = identity.kind, access != .topics {
            throw APIFailure(
                .forbidden,
                .forbidden,
                "A connection token opens the topics of the events API only; use an API key here."
            )
        }
        switch access {
        case .open: return
        case .key(let scopes):
            guard identity.grant.scopes.isDisjoint(with: scopes) else { return }
            throw .outOfScope(scopes)
        case .topics:
            guard !identity.grant.scopes.contains(.events) else { return }
            throw .outOfScope([.events])
        case nil:
            guard isRoute else { return }
            throw APIFailure(.forbidden, .forbidden, "This route does not say who may use it, so nobody may.")
        }
    }
}

extension APIFailure {
    /// A refusal because the key is for none of these parts of the server.
    static func outOfScope(_ scopes: Set<AccessScope>) -> APIFailure {
        let names = AccessScope.allCases.filter(scopes.contains).map(\.rawValue)
        var failure = APIFailure(
            .forbidden,
            .forbidden,
            """
            The API key is not for \(names.joined(separator: " or ")); \
            make one that is with antiphon keys add NAME --scope \(names.first ?? "").
            """
        )
        failure.headers[.wwwAuthenticate] =
            "Bearer error=\"insufficient_scope\", scope=\"\(names.joined(separator: " "))\""
        return failure
    }
}

public import HTTPTypes
public import Hummingbird

/// Where APIs add their routes to a listener. Each says who may use it; a route that does not is closed to everybody.
public struct ListenerRoutes {
    /// The router that the routes are in. Middleware is added to it before the routes.
    public let router: Router<ServingContext>
    /// Who may use them, for `AccessCheck`.
    public let table = AccessTable()

    /// The routes of a router.
    public init(_ router: Router<ServingContext>) {
        self.router = router
    }

    /// Takes routes that need no key.
    public var open: AccessRoutes { routes(.open) }
    /// Takes routes of topics, for keys and connection tokens.
    public var topics: AccessRoutes { routes(.topics) }

    /// Takes routes that need a key for one of these parts of the server.
    public func needing(_ scopes: AccessScope...) -> AccessRoutes { routes(.key(anyOf: Set(scopes))) }

    /// The routes that do not say who may use them, such as `GET /health`.
    public var undeclared: [String] {
        router.routes.filter { table.access(path: $0.path.description, method: $0.method) == nil }
            .map { "\($0.method.rawValue) \($0.path.description)" }
    }

    private func routes(_ access: RouteAccess) -> AccessRoutes {
        AccessRoutes(group: router.group(), access: access, table: table)
    }
}

/// A part of a listener's routes that are for the same kind of client.
public struct AccessRoutes: RouterMethods {
    /// What a request is handled with.
    public typealias Context = ServingContext

    let group: RouterGroup<ServingContext>
    let access: RouteAccess
    let table: AccessTable
    /// The parameters in the query that the routes read; nil for routes that see to that themselves.
    private(set) var parameters: Set<String>? = []

    init(group: RouterGroup<ServingContext>, access: RouteAccess, table: AccessTable) {
        self.group = group
        self.access = access
        self.table = table
    }

    /// The same part of a listener, for routes that read these parameters in the query. Others are not passed over in
    /// silence: see `QueryCheck`.
    public func reading(_ parameters: String...) -> AccessRoutes {
        var routes = self
        routes.parameters = Set(parameters)
        return routes
    }

    /// The same part of a listener, for routes that read their query with a `FieldReader`.
    public var readingQueryAsFields: AccessRoutes {
        var routes = self
        routes.parameters = nil
        return routes
    }

    /// Adds a route.
    @discardableResult
    public func on<Responder: HTTPResponder>(
        _ path: RouterPath,
        method: HTTPRequest.Method,
        responder: Responder
    ) -> Self where Responder.Context == ServingContext {
        table.declare(access, path: path.description, method: method)
        if let parameters {
            group.on(path, method: method, responder: QueryCheck(next: responder, known: parameters))
        } else {
            group.on(path, method: method, responder: responder)
        }
        return self
    }

    /// Adds middleware for the routes that are added to this part afterwards.
    @discardableResult
    public func add(middleware: any MiddlewareProtocol<Request, Response, ServingContext>) -> Self {
        group.add(middleware: middleware)
        return self
    }
}

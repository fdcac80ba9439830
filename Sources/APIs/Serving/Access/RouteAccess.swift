public import HTTPTypes
import Synchronization

/// Who may use a route.
public enum RouteAccess: Sendable, Equatable {
    /// Everybody, without a key.
    case open
    /// API keys that are for one of these parts of the server.
    case key(anyOf: Set<AccessScope>)
    /// API keys that are for `events`, and connection tokens. What may be done with which topic the route looks at itself.
    case topics
}

/// Who may use which route of a listener.
///
/// Shared by the middleware that checks and by those who add routes, which happens after the middleware was made.
public final class AccessTable: Sendable {
    private struct Route: Hashable {
        let path: String
        let method: HTTPRequest.Method
    }

    private let routes = Mutex<[Route: RouteAccess]>([:])

    /// A table without routes.
    public init() {}

    /// Notes who may use a route, by its path as the router writes it.
    func declare(_ access: RouteAccess, path: String, method: HTTPRequest.Method) {
        routes.withLock { $0[Route(path: path, method: method)] = access }
    }

    /// Who may use a route; nil if nobody said so, which means that nobody may. HEAD is as GET.
    public func access(path: String, method: HTTPRequest.Method) -> RouteAccess? {
        routes.withLock { routes in
            routes[Route(path: path, method: method)]
                ?? (method == .head ? routes[Route(path: path, method: .get)] : nil)
        }
    }
}

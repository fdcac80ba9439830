import HTTPTypes
public import Hummingbird
public import Logging
import Synchronization
public import struct Telemetry.RequestID
public import Telemetry

/// The outermost middleware: gives each request its identifier, renders failures in the API's shape, counts and logs.
public struct RequestScope: RouterMiddleware {
    /// What a request is handled with.
    public typealias Context = ServingContext

    // Known only after the routes were added, which happens after the middleware.
    private let routes = KnownRoutes()
    private let logger: Logger
    private let metrics: RequestMetrics
    private let logsAccess: @Sendable () -> Bool
    private let access: Logger

    /// Middleware for the router of the listener with this name.
    /// With `logsAccess`, which is asked at each request, its end is logged at level info, also where `logger` says less.
    public init(
        listener: String,
        logger: Logger,
        metrics: PrometheusRegistry,
        logsAccess: @escaping @Sendable () -> Bool = { false }
    ) {
        self.logger = logger
        self.logsAccess = logsAccess
        var access = logger
        access.logLevel = .info
        self.access = access
        self.metrics = RequestMetrics(listener: listener, registry: metrics)
    }

    /// Tells the middleware which routes there are, so that it can tell an unknown method from an unknown path.
    public func know(_ table: RouteTable) {
        routes.table.withLock { $0 = table }
    }

    /// Handles a request.
    public func handle(
        _ request: Request,
        context: ServingContext,
        next: @concurrent (Request, ServingContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        let inbound = request.headers[.requestID].flatMap { RequestID(header: $0) }
        context.requestID = inbound ?? context.requestID
        let requestID = context.requestID
        return await RequestID.$current.withValue(requestID) {
            var response: Response
            do {
                response = try await next(request, context)
            } catch {
                response = answer(to: error, request, requestID)
            }
            response.headers[.requestID] = requestID.description
            let route = context.endpointPath ?? "unknown"
            metrics.count(route: route, method: request.method, status: response.status, seconds: context.elapsed)
            logger.debug(
                "request",
                metadata: [
                    "method": "\(request.method)", "route": "\(route)", "status": "\(response.status.code)",
                    "ms": "\(Int(context.elapsed * 1000))", "short_id": "\(requestID.short)",
                ]
            )
            response.body = LateFailures(logger: logger, route: route).following(response.body, of: requestID)
            if logsAccess() {
                let record = AccessRecord(request, context: context, status: response.status, logger: access)
                response.body = record.following(response.body)
            }
            return response
        }
    }

    private func answer(to error: any Error, _ request: Request, _ requestID: RequestID) -> Response {
        var failure = APIFailure(error)
        if failure.isWithoutRoute { nameWhatIsUnknown(request, in: &failure) }
        // A cancellation means that the client has gone away.
        if failure.status.code >= 500, failure.code != .overloaded, !(error is CancellationError),
            !(failure.cause is CancellationError)
        {
            // The error's description names engines and files, never what a user said.
            logger.warning(
                "request failed",
                metadata: [
                    "status": "\(failure.status.code)", "error": "\(failure.logText)",
                    "short_id": "\(requestID.short)",
                ]
            )
        }
        let shape: ErrorShape = request.uri.path.contains("/v1/") ? .openAI : .speech
        return shape.response(for: failure, requestID: requestID)
    }

    /// Tells an unknown method from an unknown path.
    private func nameWhatIsUnknown(_ request: Request, in failure: inout APIFailure) {
        let allowed = routes.table.withLock { $0 }?.methods(for: request.uri.path) ?? []
        if allowed.isEmpty {
            (failure.status, failure.code, failure.message) = (.notFound, .notFound, "Not Found")
        } else {
            (failure.status, failure.code) = (.methodNotAllowed, .methodNotAllowed)
            failure.message = "Method Not Allowed"
            failure.headers[.allow] = allowed.map(\.rawValue).sorted().joined(separator: ", ")
        }
    }
}

/// Where the routes of a router are kept once they are known.
private final class KnownRoutes: Sendable {
    let table = Mutex<RouteTable?>(nil)
}

/// The routes of a router, for telling an unknown path from an unknown method.
public struct RouteTable: Sendable {
    private let routes: [(segments: [String], method: HTTPRequest.Method)]

    /// The table of the routes added to `router` so far.
    public init(_ router: Router<ServingContext>) {
        routes = router.routes.map { (Self.segments($0.path.description), $0.method) }
    }

    /// The methods that a path is known for.
    func methods(for path: String) -> Set<HTTPRequest.Method> {
        let wanted = Self.segments(path)
        return Set(routes.filter { Self.matches($0.segments, wanted) }.map(\.method))
    }

    private static func matches(_ route: [String], _ wanted: [String]) -> Bool {
        // A route that ends in ** takes any number of segments, but at least one.
        let takesRest = route.last == "**"
        let fixed = takesRest ? route.dropLast() : route[...]
        guard takesRest ? wanted.count > fixed.count : wanted.count == fixed.count else { return false }
        return zip(fixed, wanted).allSatisfy { $0 == $1 || $0.first == "{" || $0.first == ":" }
    }

    private static func segments(_ path: String) -> [String] {
        path.split(separator: "/").map(String.init)
    }
}

import HTTPTypes
public import Hummingbird

/// Keeps connections that were accepted in reserve for probes: when the server has as many connections as it takes,
/// `/health` still gets its answer, and everybody else is told to come back.
public struct ReservedForProbes: RouterMiddleware {
    /// What a request is handled with.
    public typealias Context = ServingContext

    /// Middleware for any listener.
    public init() {}

    /// Handles a request.
    public func handle(
        _ request: Request,
        context: ServingContext,
        next: @concurrent (Request, ServingContext) async throws -> Response
    ) async throws -> Response {
        guard context.place?.role == .reserve else { return try await next(request, context) }
        guard request.uri.path == "/health" else {
            var failure = APIFailure(
                .serviceUnavailable,
                .overloaded,
                "The server, or your address, has as many connections as it may; try again later."
            )
            failure.retryAfter = .seconds(5)
            failure.headers[.connection] = "close"
            throw failure
        }
        var response = try await next(request, context)
        response.headers[.connection] = "close"
        return response
    }
}

import HTTPTypes
public import Hummingbird
import NIOCore
public import Settings

/// Finds the address of a request's client, also behind proxies that are known, and counts the requests of those clients.
///
/// A server that asks for no key is for this machine only. A proxy in front of it lets others in, so its requests are
/// refused unless the settings name it.
public struct ClientOrigin: RouterMiddleware {
    /// What a request is handled with.
    public typealias Context = ServingContext

    private let connections: ConnectionRegister
    private let isForThisMachineOnly: Bool
    private let trusted: [AddressRange]

    /// Middleware for a server with these `connections`, or one `forThisMachineOnly`, which asks for no key. Clients of
    /// the `trusted` networks need none where others do.
    public init(connections: ConnectionRegister, forThisMachineOnly: Bool, trusted: [AddressRange] = []) {
        self.trusted = trusted
        self.connections = connections
        isForThisMachineOnly = forThisMachineOnly
    }

    /// Handles a request.
    public func handle(
        _ request: Request,
        context: ServingContext,
        next: @concurrent (Request, ServingContext) async throws -> Response
    ) async throws -> Response {
        let proxies = connections.proxies
        var context = context
        guard ForwardedHops.areIn(request.headers) else {
            context.facts.clientAddress = context.clientAddress
            // A proxy that tells of its presence only speaks for somebody who is not known.
            if !request.headers.contains(.via) { context.trust = trust(in: IPAddress(context.clientAddress)) }
            return try await next(request, context)
        }
        context.facts.clientAddress = context.clientAddress
        guard let peer = IPAddress(context.clientAddress), proxies.contains(where: { $0.contains(peer) }) else {
            guard !isForThisMachineOnly else {
                throw APIFailure(
                    .forbidden,
                    .forbidden,
                    """
                    This server asks for no key and is for this machine only, but the request came through a proxy; \
                    use an API key (auth.required), or name the proxy in http.trusted_proxies to let everybody in.
                    """
                )
            }
            return try await next(request, context)
        }
        let client: IPAddress
        do {
            client = try ForwardedHops.origin(of: request.headers, peer: peer, proxies: proxies)
        } catch {
            throw APIFailure(
                .badRequest,
                .validationFailed,
                "Forwarded, X-Forwarded-For and X-Real-IP name different clients; have the proxy drop those that it does not set."
            )
        }
        // A proxy's own requests are limited by its connections.
        guard client != peer else { return try await next(request, context) }
        guard let place = connections.requests.take(client) else {
            var failure = APIFailure(.tooManyRequests, .overloaded, "This address has as many requests as it may.")
            failure.retryAfter = .seconds(5)
            throw failure
        }
        context.clientAddress = client.description
        context.facts.clientAddress = context.clientAddress
        context.trust = trust(in: client)
        var response = try await next(request, context)
        response.body = place.held(by: response.body)
        return response
    }

    /// The trust in a client of this address. The address of a proxy is no client's: it did not say for whom it asks.
    private func trust(in client: IPAddress?) -> NetworkTrust {
        guard let client, !connections.proxies.contains(where: { $0.contains(client) }),
            trusted.contains(where: { $0.contains(client) })
        else { return .none }
        return .network
    }
}

extension HTTPField.Name {
    fileprivate static let via = constant("via")
}

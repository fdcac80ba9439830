public import Events
import Hummingbird
import NIOCore
import Resilience
public import Serving
public import Settings
public import WebSocket

/// The API of topics: WebSockets that follow them, and routes that publish to them and look at them.
///
/// Clients of AI Village's WebSocketService use it unchanged.
public struct EventsAPI: Sendable {
    let settings: SettingsStore
    let hub: EventHub
    let sockets: WebSocketServer
    /// Shared by all listeners, so that limits hold over all of them.
    private let crew: ClientCrew
    var rates: ClientRates { crew.rates }

    /// The API over a hub; its connections belong to `sockets` and are told when their `credentials` end.
    /// The `metrics` are to be the hub's observer as well.
    public init(
        settings: SettingsStore,
        hub: EventHub,
        sockets: WebSocketServer,
        credentials: CredentialWatch,
        metrics: EventsMetrics? = nil
    ) {
        self.settings = settings
        self.hub = hub
        self.sockets = sockets
        metrics?.watch(hub)
        let events = settings.current.events
        let limits = ClientLimits(
            subscriptions: events.maxSubscriptions,
            connectionsPerCredential: events.maxConnectionsPerCredential
        )
        crew = ClientCrew(
            hub: hub,
            limits: limits,
            rates: ClientRates(RateLimit.Rates(settings: settings.current)),
            credentials: credentials,
            metrics: metrics
        )
    }

    /// Adds the routes.
    public func addRoutes(to routes: ListenerRoutes) {
        addSockets(to: routes.topics)
        addStatus(to: routes.needing(.events))
        addPublishing(to: routes)
        addTopics(to: routes.topics)
    }

    private func addSockets(to router: AccessRoutes) {
        let route = WebSocketRoute(server: sockets, subprotocols: ["antiphon"])
        let crew = crew
        for endpoint in Endpoint.all {
            router.get(RouterPath(endpoint.path)) { request, context in
                let identity = context.identity
                let payer = ClientRates.Payer(context)
                return try await route.upgrade(request, context: context) { connection in
                    EventsClient(connection, endpoint: endpoint, identity: identity, payer: payer, crew: crew)
                }
            }
        }
        guard settings.current.events.echo else { return }
        router.get("/ws/echo") { request, context in
            try await route.upgrade(request, context: context) { _ in EchoClient() }
        }
    }
}

/// A path for WebSockets, and the topics that its clients follow without asking.
struct Endpoint: Sendable {
    let path: String
    let topics: [String]

    static let all = [
        Endpoint(path: "/ws", topics: ["training", "models", "system"]),
        Endpoint(path: "/ws/p2p-fog", topics: ["p2p", "fog"]),
    ]
}

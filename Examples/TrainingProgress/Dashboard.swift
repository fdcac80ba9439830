import Events
import EventsAPI
import Hummingbird
import Logging
import NIOPosix
import ServiceLifecycle
import Serving
import Settings
import Telemetry
import WebSocket

/// The page, and the events API from which it hears, on one port of this machine.
struct Dashboard {
    /// The topics that the page follows.
    let hub: EventHub
    /// What is to run.
    let services: [any Service]

    /// A dashboard on `port`; `onListening` is called with the port when it is open, which tells what 0 became.
    init(port: Int, logger: Logger, onListening: @escaping @Sendable (Int) -> Void) throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let settings = SettingsStore(LoadedSettings())
        let budget = try DescriptorBudget(limit: DescriptorBudget.raiseLimit(), settings: LoadedSettings())
        hub = EventHub(table: Self.table, eventLoopGroup: group)
        let api = EventsAPI(
            settings: settings,
            hub: hub,
            sockets: WebSocketServer(
                eventLoopGroup: group,
                options: WebSocketOptions(settings: settings.current),
                maxConnections: budget.webSockets,
                maxConnectionsPerAddress: settings.current.websocket.maxConnectionsPerAddress
            ),
            credentials: CredentialWatch(keys: nil)
        )
        let connections = ConnectionRegister(settings.current, budget: budget)
        let listener = ListenerService(
            router: Self.router(api, settings, connections, logger),
            address: "127.0.0.1",
            port: port,
            settings: settings.current,
            connections: connections,
            logger: logger,
            onListening: { onListening($0 ?? port) }
        )
        // Stopped from the last to the first: what requests publish still reaches those who follow.
        services = [EventsService(api, logger: logger), listener]
    }

    /// A history long enough for the whole curve, so that a page which is opened late can draw it.
    private static var table: TopicTable {
        TopicTable(
            classes: [
                TopicClass(
                    pattern: .exact(.training),
                    historyCount: 20_000,
                    historyBytes: 16 << 20,
                    historyAge: .seconds(3600),
                    overflow: .dropOldest,
                    keepsState: true
                )
            ]
        )
    }

    private static func router(
        _ api: EventsAPI,
        _ settings: SettingsStore,
        _ connections: ConnectionRegister,
        _ logger: Logger
    ) -> Router<ServingContext> {
        let router = Router(context: ServingContext.self)
        let routes = ListenerRoutes(router)
        let scope = RequestScope(listener: "events", logger: logger, metrics: PrometheusRegistry())
        router.addMiddleware {
            scope
            ReservedForProbes()
            ClientOrigin(connections: connections, forThisMachineOnly: true)
            // Pages of other origins are kept out.
            CrossOrigin(settings: settings, forThisMachineOnly: true)
            AccessCheck(authenticator: nil, table: routes.table)
        }
        api.addRoutes(to: routes)
        let page = String(decoding: PackageResources.page_html, as: UTF8.self)
        routes.open.get("/") { _, _ in Response(text: page, contentType: "text/html; charset=utf-8") }
        scope.know(RouteTable(router))
        return router
    }
}

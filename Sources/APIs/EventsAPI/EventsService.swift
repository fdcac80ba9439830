import Events
public import Logging
public import ServiceLifecycle
import Serving
import Settings
import WebSocket

/// The API's own work: signs of life to every client, and goodbye to all of them in the end.
public struct EventsService: Service {
    private let api: EventsAPI
    private let logger: Logger

    /// The work of an API.
    public init(_ api: EventsAPI, logger: Logger) {
        self.api = api
        self.logger = logger
    }

    /// Works until graceful shutdown, then closes all connections.
    public func run() async throws {
        let settings = api.settings.current.events
        let hub = api.hub
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await hub.run(cleanupInterval: settings.cleanup, logger: logger) }
            group.addTask {
                while (try? await Task.sleep(for: settings.heartbeat)) != nil { hub.sendToAll(.signOfLife(.ping)) }
            }
            group.addTask {
                while (try? await Task.sleep(for: settings.cleanup)) != nil {
                    api.sockets.closeSilent(for: settings.liveness)
                }
            }
            try? await gracefulShutdown()
            // What was published comes before the goodbye, and nothing is published after it.
            await hub.close()
            await api.sockets.shutDown()
            // Who was on this server is gone, and others are to know.
            await hub.informCluster()
            group.cancelAll()
        }
    }
}

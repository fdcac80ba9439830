import Events
import EventsAPI
import Logging
import NIOPosix
import Redis
import Serving
import Settings
import Storage
import WebSocket

extension EventHub {
    /// The hub of topics that the settings describe, with what the last process left of durable topics. Throws `Problem`
    /// for settings that do not fit, and `StorageError`.
    convenience init(
        _ settings: Settings,
        store: Store,
        observer: any HubObserver,
        logger: Logger
    ) async throws {
        let table = try TopicTable.checked(settings)
        let loops = MultiThreadedEventLoopGroup.singleton
        let log = StoredTopics(store.topics) { table.topicClass(of: $0).isDurable }
        self.init(table: table, eventLoopGroup: loops, log: log, logger: logger, observer: observer)
        if let cluster = try ClusterConfiguration(settings) { join(cluster, eventLoopGroup: loops, logger: logger) }
        try await restore(logger: logger)
    }
}

extension TopicTable {
    /// The table of topics that the settings describe. Throws `Problem`.
    static func checked(_ settings: Settings) throws -> TopicTable {
        do {
            return try TopicTable(settings: settings)
        } catch {
            throw Problem(error.description, status: Problem.usage)
        }
    }
}

extension ClusterConfiguration {
    /// How this server is joined with others; nil if it stands alone. Throws `Problem`.
    init?(_ settings: Settings) throws {
        guard let redis = settings.cluster.redis else { return nil }
        guard settings.events.durableTopics.isEmpty else {
            throw Problem(
                "In a cluster Redis keeps the topics: take out events.durable_topics, or cluster.redis.",
                status: Problem.usage
            )
        }
        do {
            self.init(redis: try RedisConfiguration(url: redis.exposed), prefix: settings.cluster.prefix)
        } catch {
            throw Problem("cluster.redis: \(error)", status: Problem.usage)
        }
        maximumTopics = settings.events.maxTopics
        guard settings.websocket.maxMessageBytes <= maximumMessageBytes else {
            throw Problem(
                "With cluster.redis a message may have \(maximumMessageBytes >> 20) MiB, for Redis passes on no larger ones "
                    + "for sure: lower websocket.max_message_bytes, or take out cluster.redis.",
                status: Problem.usage
            )
        }
    }
}

extension WebSocketServer {
    /// The WebSockets of a server, within the limits of the settings and what the `budget` leaves of them.
    convenience init(_ settings: Settings, budget: DescriptorBudget) {
        self.init(
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
            options: WebSocketOptions(settings: settings),
            maxConnections: budget.webSockets,
            maxConnectionsPerAddress: settings.websocket.maxConnectionsPerAddress
        )
    }
}

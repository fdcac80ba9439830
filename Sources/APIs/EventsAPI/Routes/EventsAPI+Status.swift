import Events
import Hummingbird
import NIOCore
public import Serving
import WebSocket

/// Whether the API is well, and what it holds.
extension EventsAPI {
    func addStatus(to router: AccessRoutes) {
        router.get("stats") { _, context in Response(json: stats(for: context.identity)) }
    }

    /// The members of `/health` that tell of this API.
    public func health() async -> [String: JSONValue] {
        let connections = JSONValue.number(Double(hub.connectionCount))
        return [
            "service": "websocket_service",
            "websocket_connections": connections,
            "connected_clients": connections,
            "active_channels": .number(Double(hub.channelCount)),
            "cluster": await clusterHealth(),
        ]
    }

    private func clusterHealth() async -> JSONValue {
        switch await hub.clusterHealth {
        case .standalone: ["state": "standalone"]
        case .connected: ["state": "connected"]
        case .degraded(let since, let backlog, let dropped):
            [
                "state": "degraded", "backlog": .number(Double(backlog)), "dropped": .number(Double(dropped)),
                "seconds": .number(((ContinuousClock.now - since) / .seconds(1)).rounded()),
            ]
        }
    }

    /// What there is. Topics are named to those who may follow them.
    private func stats(for identity: Identity) -> JSONValue {
        let statistics = hub.statistics
        let visible = statistics.channels.filter { identity.permissions.allows(.subscribe, $0.pattern) }
        let channels = visible.sorted { $0.pattern.description < $1.pattern.description }
        return [
            "total_connections": .number(Double(hub.connectionCount)),
            "connections_by_state": [
                "connected": .number(Double(hub.connectionCount)),
                "connecting": .number(Double(max(0, sockets.connectionCount - hub.connectionCount))),
            ],
            "active_channels": .number(Double(statistics.channels.count)),
            "channel_stats": .object(
                Dictionary(
                    channels.map { ($0.pattern.description, .number(Double($0.subscribers))) }
                ) { first, _ in first }
            ),
            "channels": .array(channels.map { .string($0.pattern.description) }),
            "topics": .number(Double(statistics.topics.topics)),
            "messages_published": .number(Double(statistics.topics.published)),
            "messages_held": .number(Double(statistics.topics.held)),
            "history_bytes": .number(Double(statistics.topics.bytes)),
        ]
    }
}

import Events
import Hummingbird
import NIOCore
public import Serving
import WebSocket

/// Whether the API is well, and what it holds.
extension EventsAPI {
    func addStatus(to router: Router<ServingContext>) {
        router.get("stats") { _, _ in Response(json: stats()) }
    }

    /// The members of `/health` that tell of this API.
    public func health() -> [String: JSONValue] {
        let statistics = hub.statistics
        let connections = JSONValue.number(Double(hub.connectionCount))
        return [
            "service": "websocket_service",
            "websocket_connections": connections,
            "connected_clients": connections,
            "active_channels": .number(Double(statistics.channels.count)),
            "cluster": .object(["state": .string(hub.clusterState)]),
        ]
    }

    private func stats() -> JSONValue {
        let statistics = hub.statistics
        let channels = statistics.channels.sorted { $0.pattern.description < $1.pattern.description }
        return [
            "total_connections": .number(Double(hub.connectionCount)),
            "connections_by_state": [
                "connected": .number(Double(hub.connectionCount)),
                "connecting": .number(Double(max(0, sockets.connectionCount - hub.connectionCount))),
            ],
            "active_channels": .number(Double(channels.count)),
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

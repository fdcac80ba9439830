import CoreMetrics
public import Events
public import Telemetry
import WebSocket

/// What the API counts for Prometheus.
public final class EventsMetrics: HubObserver {
    private let registry: PrometheusRegistry
    private let opened: Counter
    private let closed: [CloseCode: Counter]
    private let closedOtherwise: Counter
    private let received: Counter
    private let published: [PublishOutcome: Counter]
    private let deliveries: Counter
    private let dropped: Counter
    private let passes: Timer

    /// The codes that have a series of their own: clients may make codes up.
    private static let codes: [CloseCode] = [
        .normal, .goingAway, .protocolError, .unsupportedData, .noStatus, .abnormal, .invalidPayload, .policyViolation,
        .tooBig, .serverError, .restart, .tryAgainLater, .credentialsEnded, .silent, .replaced, .tooManyMessages,
    ]

    /// Counts in a registry.
    public init(_ registry: PrometheusRegistry) {
        self.registry = registry
        for (name, help) in Self.help { registry.describe(name, help) }
        registry.setBuckets(
            [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1],
            for: "events.fanout"
        )
        func counter(_ label: String, _ dimensions: (String, String)...) -> Counter {
            Counter(label: label, dimensions: dimensions, factory: registry)
        }
        opened = counter("websocket.connections.opened")
        closed = Dictionary(
            uniqueKeysWithValues: Self.codes.map { ($0, counter("websocket.connections.closed", ("code", "\($0)"))) }
        )
        closedOtherwise = counter("websocket.connections.closed", ("code", "other"))
        received = counter("websocket.messages.received")
        published = Dictionary(
            uniqueKeysWithValues: PublishOutcome.allCases.map {
                ($0, counter("events.published", ("outcome", $0.rawValue)))
            }
        )
        deliveries = counter("events.deliveries")
        dropped = counter("events.dropped")
        passes = Timer(label: "events.fanout", dimensions: [], factory: registry)
    }

    private static let help = [
        ("websocket_connections", "Open WebSocket connections."),
        ("websocket_connections_opened_total", "WebSocket connections that were opened."),
        ("websocket_connections_closed_total", "WebSocket connections that ended, by close code."),
        ("websocket_messages_received_total", "Messages that clients sent."),
        ("events_published_total", "Messages that were to be published, by what became of them."),
        ("events_deliveries_total", "Messages written to connections or queued for them, heartbeats among them."),
        ("events_dropped_total", "Messages that connections did not get, because they read too slowly or had gone."),
        ("events_topics", "Topics there are."),
        ("events_history_bytes", "Bytes that histories, states and idempotency keys of all topics take."),
        ("events_subscriptions", "Subscriptions of all connections, and those within the server."),
        ("events_fanout_seconds", "Time for which an event loop sent what was published since it last did."),
    ]

    /// Looks at the hub whenever the metrics are read.
    func watch(_ hub: EventHub) {
        func meter(_ label: String) -> Meter { Meter(label: label, factory: registry) }
        let connections = meter("websocket.connections")
        let topics = meter("events.topics")
        let bytes = meter("events.history.bytes")
        let subscriptions = meter("events.subscriptions")
        registry.beforeExposing {
            let statistics = hub.topicStatistics
            connections.set(hub.connectionCount)
            topics.set(statistics.topics)
            bytes.set(statistics.bytes)
            subscriptions.set(hub.subscriptionCount)
        }
    }

    func connectionOpened() {
        opened.increment()
    }

    func connectionClosed(_ code: CloseCode) {
        (closed[code] ?? closedOtherwise).increment()
    }

    func messageReceived() {
        received.increment()
    }

    /// Counts a draft.
    public func published(_ outcome: PublishOutcome) {
        published[outcome]?.increment()
    }

    /// Counts what a loop sent.
    public func passed(_ pass: FanoutPass, in time: Duration) {
        deliveries.increment(by: pass.queued)
        if pass.dropped > 0 { dropped.increment(by: pass.dropped) }
        let (seconds, attoseconds) = time.components
        passes.recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}

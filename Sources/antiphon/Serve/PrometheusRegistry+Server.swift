import CoreMetrics
import Telemetry

extension PrometheusRegistry {
    /// The metrics of a server: named `antiphon_…`, with the version in `antiphon_build_info`.
    static func ofServer() -> PrometheusRegistry {
        let registry = PrometheusRegistry(prefix: "antiphon_", oldNames: oldNames)
        for (name, help) in help { registry.describe(name, help) }
        registry.describe("build_info", "Always 1; the label says which version runs.")
        Meter(label: "build.info", dimensions: [("version", Antiphon.version)], factory: registry).set(1)
        return registry
    }

    /// What metrics mean that are made by modules which know no registry.
    private static let help = [
        ("engine_call_duration_seconds", "Time that calls of a speech engine took, without waiting for their turn."),
        ("engine_calls_waiting", "Calls of a speech engine that run or wait."),
        ("engine_calls_refused_total", "Calls of a speech engine that were refused, because too many waited."),
    ]

    /// The families that version 0.1 had without the prefix.
    private static let oldNames: Set<String> = [
        "engine_call_duration_seconds", "engine_calls_waiting", "engine_calls_refused", "events_deliveries",
        "events_dropped", "events_fanout_seconds", "events_history_bytes", "events_published", "events_subscriptions",
        "events_topics", "http_request_duration_seconds", "telemetry_overflow", "turn_first_audio_seconds",
        "turn_transcription_seconds", "websocket_connections", "websocket_connections_closed",
        "websocket_connections_opened", "websocket_messages_received",
    ]
}

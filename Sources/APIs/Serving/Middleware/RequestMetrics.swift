import CoreMetrics
import HTTPTypes
import Synchronization
import Telemetry

/// Counts requests by route, never by path, so that clients cannot make series.
final class RequestMetrics: Sendable {
    private struct Label: Hashable {
        let route: String
        let method: HTTPRequest.Method
        let status: Int
    }

    private let listener: String
    private let registry: PrometheusRegistry
    private let timers = Mutex<[Label: Timer]>([:])

    init(listener: String, registry: PrometheusRegistry) {
        self.listener = listener
        self.registry = registry
        registry.describe("http_request_duration_seconds", "Time from a request's arrival to its answer's head.")
    }

    func count(route: String, method: HTTPRequest.Method, status: HTTPResponse.Status, seconds: Double) {
        // Clients may make methods up.
        let known: Set<HTTPRequest.Method> = [.get, .head, .post, .put, .delete, .patch, .options]
        let method = known.contains(method) ? method : .trace
        let label = Label(route: route, method: method, status: status.code)
        let timer = timers.withLock { timers in
            if let timer = timers[label] { return timer }
            let timer = Timer(
                label: "http.request.duration",
                dimensions: [
                    ("listener", listener), ("route", route), ("method", method.rawValue),
                    ("status", String(status.code)),
                ],
                factory: registry
            )
            timers[label] = timer
            return timer
        }
        timer.recordNanoseconds(Int64(seconds * 1e9))
    }
}

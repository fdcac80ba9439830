import CoreMetrics
import Testing

@testable import Telemetry

@Suite struct ExpositionTests {
    let registry = PrometheusRegistry(defaultBuckets: [0.1, 1], includesProcess: false)

    private func record() {
        registry.describe("http.requests", "Requests by \"method\".\nAll \\ of them.")
        registry.setBuckets([10, 2.5], for: "batch.size")
        Counter(label: "http.requests", dimensions: [("path", "/v1"), ("method", "GET")], factory: registry)
            .increment(by: 3)
        Counter(label: "http.requests", dimensions: [("method", "GET"), ("path", "/")], factory: registry).increment()
        FloatingPointCounter(label: "cost-usd", factory: registry).increment(by: 0.25)
        let meter = Meter(label: "sessions.open", factory: registry)
        meter.set(5)
        meter.increment(by: 2.0)
        meter.decrement()
        Gauge(label: "level", factory: registry).record(-0.5)
        let recorder = Recorder(label: "batch.size", factory: registry)
        for value in [1, 2, 3, 10, 11] { recorder.record(value) }
        let timer = Timer(label: "turn.latency", dimensions: [("engine", "a")], factory: registry)
        timer.recordMilliseconds(100)
        timer.recordMilliseconds(500)
        timer.recordSeconds(2)
    }

    @Test func `the Prometheus format is exact`() {
        record()
        #expect(
            registry.expose() == #"""
                # TYPE batch_size histogram
                batch_size_bucket{le="2.5"} 2
                batch_size_bucket{le="10"} 4
                batch_size_bucket{le="+Inf"} 5
                batch_size_sum 27
                batch_size_count 5
                # TYPE cost_usd_total counter
                cost_usd_total 0.25
                # HELP http_requests_total Requests by "method".\nAll \\ of them.
                # TYPE http_requests_total counter
                http_requests_total{method="GET",path="/"} 1
                http_requests_total{method="GET",path="/v1"} 3
                # TYPE level gauge
                level -0.5
                # TYPE sessions_open gauge
                sessions_open 6
                # HELP telemetry_overflow_total Metrics that were asked for beyond a limit or under a name in use.
                # TYPE telemetry_overflow_total counter
                telemetry_overflow_total{reason="families"} 0
                telemetry_overflow_total{reason="label_sets"} 0
                telemetry_overflow_total{reason="name_conflict"} 0
                # TYPE turn_latency_seconds histogram
                turn_latency_seconds_bucket{engine="a",le="0.1"} 1
                turn_latency_seconds_bucket{engine="a",le="1"} 2
                turn_latency_seconds_bucket{engine="a",le="+Inf"} 3
                turn_latency_seconds_sum{engine="a"} 2.6
                turn_latency_seconds_count{engine="a"} 3

                """#
        )
    }

    @Test func `OpenMetrics is exact`() {
        record()
        #expect(
            registry.expose(.openMetrics) == #"""
                # TYPE batch_size histogram
                batch_size_bucket{le="2.5"} 2
                batch_size_bucket{le="10.0"} 4
                batch_size_bucket{le="+Inf"} 5
                batch_size_sum 27
                batch_size_count 5
                # TYPE cost_usd counter
                cost_usd_total 0.25
                # HELP http_requests Requests by \"method\".\nAll \\ of them.
                # TYPE http_requests counter
                http_requests_total{method="GET",path="/"} 1
                http_requests_total{method="GET",path="/v1"} 3
                # TYPE level gauge
                level -0.5
                # TYPE sessions_open gauge
                sessions_open 6
                # HELP telemetry_overflow Metrics that were asked for beyond a limit or under a name in use.
                # TYPE telemetry_overflow counter
                telemetry_overflow_total{reason="families"} 0
                telemetry_overflow_total{reason="label_sets"} 0
                telemetry_overflow_total{reason="name_conflict"} 0
                # TYPE turn_latency_seconds histogram
                turn_latency_seconds_bucket{engine="a",le="0.1"} 1
                turn_latency_seconds_bucket{engine="a",le="1.0"} 2
                turn_latency_seconds_bucket{engine="a",le="+Inf"} 3
                turn_latency_seconds_sum{engine="a"} 2.6
                turn_latency_seconds_count{engine="a"} 3
                # EOF

                """#
        )
    }

    @Test func `label values are escaped and bounded`() {
        let long = String(repeating: "é", count: 200)
        Gauge(label: "g", dimensions: [("a", "q\"b\\c\nd")], factory: registry).record(1)
        Gauge(label: "g", dimensions: [("b", long)], factory: registry).record(2)
        let text = registry.expose()
        #expect(text.contains(#"g{a="q\"b\\c\nd"} 1"# + "\n"))
        #expect(text.contains("g{b=\"\(String(repeating: "é", count: 128))\"} 2\n"))
    }

    @Test(arguments: [
        ("a.b-c d", "a_b_c_d"), ("9lives", "_9lives"), ("", "_"), ("ünï", "_n_"), ("ok:rule", "ok:rule"),
        ("x\ny 1\n", "x_y_1_"),
    ])
    func `names are made valid`(label: String, name: String) {
        Gauge(label: label, factory: registry).record(1)
        #expect(registry.expose().contains("\n\(name) 1\n"))
    }

    @Test func `label names are made valid, each once and none reserved`() {
        Gauge(
            label: "g",
            dimensions: [("b.c", "1"), ("a", "first"), ("a", "last"), ("__name__", "2"), ("le", "3"), ("0", "4")],
            factory: registry
        ).record(1)
        #expect(registry.expose().contains(#"g{_0="4",_name__="2",a="last",b_c="1",exported_le="3"} 1"#))
    }

    @Test func `a suffix that is there is not added again`() {
        Counter(label: "jobs_total", factory: registry).increment()
        Timer(label: "wait_seconds", factory: registry).recordSeconds(1)
        let text = registry.expose()
        #expect(text.contains("\njobs_total 1\n"))
        #expect(text.contains("\nwait_seconds_count 1\n"))
    }

    @Test(arguments: [
        (Double.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"), (0, "0"), (-0.0, "0"),
        (1e15, "1000000000000000"), (1e300, "1e+300"),
        (123_456_789, "123456789"), (0.1 + 0.2, "0.30000000000000004"), (1e-7, "1e-07"),
    ])
    func `numbers are written so that they read back`(value: Double, text: String) {
        Gauge(label: "g", factory: registry).record(value)
        #expect(registry.expose().contains("\ng \(text)\n"))
    }

    @Test(arguments: [
        (nil, ExpositionFormat.prometheus), ("", .prometheus), ("*/*", .prometheus), ("text/plain", .prometheus),
        ("application/openmetrics-text", .openMetrics), ("application/openmetrics-text;version=2.0.0", .prometheus),
        ("application/openmetrics-text;q=0", .prometheus), ("application/openmetrics-text;q=x", .prometheus),
        ("text/plain, application/openmetrics-text;q=0.5", .prometheus),
        (
            "application/openmetrics-text; version=1.0.0; q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,"
                + "text/plain;version=0.0.4;q=0.3,*/*;q=0.2", .openMetrics
        ),
        (";;,,;q=", .prometheus),
    ])
    func `the format is what a scraper asks for`(accept: String?, format: ExpositionFormat) {
        #expect(ExpositionFormat(accept: accept) == format)
    }

    @Test func `content types name the version`() {
        #expect(ExpositionFormat.prometheus.contentType == "text/plain; version=0.0.4; charset=utf-8")
        #expect(
            ExpositionFormat.openMetrics.contentType == "application/openmetrics-text; version=1.0.0; charset=utf-8"
        )
    }
}

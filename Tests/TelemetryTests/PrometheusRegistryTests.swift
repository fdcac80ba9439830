import CoreMetrics
import Testing

@testable import Telemetry

@Suite struct PrometheusRegistryTests {
    let registry = PrometheusRegistry(
        limits: .init(families: 3, labelSets: 2),
        defaultBuckets: [1, 2],
        includesProcess: false
    )

    private func lines(_ prefix: String) -> [String] {
        registry.expose().split(separator: "\n").map(String.init).filter { $0.hasPrefix(prefix) }
    }

    @Test func `totals are exact when many tasks count`() async {
        await withTaskGroup { group in
            for task in 0..<16 {
                group.addTask {
                    let counter = Counter(label: "c", dimensions: [("half", "\(task % 2)")], factory: registry)
                    let meter = Meter(label: "m", factory: registry)
                    let timer = Timer(label: "t", factory: registry)
                    for _ in 0..<5000 {
                        counter.increment()
                        meter.increment(by: 2.0)
                        meter.decrement()
                        timer.recordSeconds(task % 3 + 1)
                    }
                }
            }
        }
        #expect(lines("c_total") == [#"c_total{half="0"} 40000"#, #"c_total{half="1"} 40000"#])
        #expect(lines("m") == ["m 80000"])
        #expect(
            lines("t_seconds") == [
                #"t_seconds_bucket{le="1"} 30000"#, #"t_seconds_bucket{le="2"} 55000"#,
                #"t_seconds_bucket{le="+Inf"} 80000"#, "t_seconds_sum 155000", "t_seconds_count 80000",
            ]
        )
    }

    @Test func `the same name and labels are the same series`() {
        let first = registry.makeCounter(label: "a.b", dimensions: [("x", "1"), ("y", "2")])
        let second = registry.makeFloatingPointCounter(label: "a-b", dimensions: [("y", "2"), ("x", "1")])
        #expect(first === second)
        first.increment(by: 2)
        second.increment(by: 0.5)
        #expect(lines("a_b_total") == [#"a_b_total{x="1",y="2"} 2.5"#])
        first.reset()
        #expect(lines("a_b_total") == [#"a_b_total{x="1",y="2"} 0"#])
    }

    @Test func `a full family counts the rest in one series`() {
        for user in 0..<50 {
            Counter(label: "c", dimensions: [("user", "\(user)")], factory: registry).increment()
        }
        #expect(
            lines("c_total") == [#"c_total{overflow="true"} 48"#, #"c_total{user="0"} 1"#, #"c_total{user="1"} 1"#]
        )
        #expect(
            lines("telemetry_overflow_total{reason=\"label_sets\"}") == [
                #"telemetry_overflow_total{reason="label_sets"} 48"#
            ]
        )
    }

    @Test func `a full registry loses new families and counts them`() {
        for index in 0..<50 { Counter(label: "family\(index)", factory: registry).increment() }
        #expect(lines("family").count == 3)
        #expect(
            lines("telemetry_overflow_total{reason=\"families\"}") == [
                #"telemetry_overflow_total{reason="families"} 47"#
            ]
        )
    }

    @Test func `a name in use by another kind is refused without harm`() {
        Recorder(label: "x", factory: registry).record(1)
        Gauge(label: "x", factory: registry).record(5)
        Gauge(label: "x_count", factory: registry).record(5)
        Gauge(label: "telemetry_overflow_total", factory: registry).record(5)
        Gauge(label: "process_open_fds", factory: registry).record(5)
        #expect(
            lines("x") == [
                #"x_bucket{le="1"} 1"#, #"x_bucket{le="2"} 1"#, #"x_bucket{le="+Inf"} 1"#, "x_sum 1", "x_count 1",
            ]
        )
        #expect(lines("process").isEmpty)
        #expect(
            lines("telemetry_overflow_total{reason=\"name_conflict\"}") == [
                #"telemetry_overflow_total{reason="name_conflict"} 4"#
            ]
        )
    }

    @Test func `what is destroyed makes room`() {
        let first = Counter(label: "c", dimensions: [("n", "1")], factory: registry)
        let second = Counter(label: "c", dimensions: [("n", "2")], factory: registry)
        first.destroy()
        Counter(label: "c", dimensions: [("n", "3")], factory: registry).increment()
        #expect(lines("c_total") == [#"c_total{n="2"} 0"#, #"c_total{n="3"} 1"#])
        first.destroy()
        second.destroy()
        #expect(lines("c_total") == [#"c_total{n="3"} 1"#])
        Counter(label: "c", dimensions: [("n", "3")], factory: registry).destroy()
        Gauge(label: "c", factory: registry).record(7)
        #expect(lines("c") == ["c 7"])
    }

    @Test func `destroying an overflow series leaves it to the others`() {
        let all = (0..<4).map { Counter(label: "c", dimensions: [("n", "\($0)")], factory: registry) }
        for counter in all { counter.increment() }
        all[3].destroy()
        #expect(lines("c_total{overflow") == [#"c_total{overflow="true"} 2"#])
    }

    @Test func `counters never fall and never wrap`() {
        let counter = registry.makeCounter(label: "c", dimensions: [])
        counter.increment(by: -5)
        #expect(lines("c_total") == ["c_total 0"])
        counter.increment(by: .max)
        counter.increment(by: .max)
        #expect(lines("c_total") == ["c_total 1.8446744073709552e+19"])
        let floating = registry.makeFloatingPointCounter(label: "f", dimensions: [])
        for amount in [-1, .nan, .infinity, 0.5] { floating.increment(by: amount) }
        #expect(lines("f_total") == ["f_total 0.5"])
    }

    @Test func `histograms leave out what is not finite and clamp negative durations`() {
        let recorder = registry.makeRecorder(label: "r", dimensions: [], aggregate: true)
        for value in [.nan, .infinity, -.infinity, -3, 2, 2.1] { recorder.record(value) }
        #expect(
            lines("r_") == [
                #"r_bucket{le="1"} 1"#, #"r_bucket{le="2"} 2"#, #"r_bucket{le="+Inf"} 3"#, "r_sum 1.1", "r_count 3",
            ]
        )
        registry.makeTimer(label: "t", dimensions: []).recordNanoseconds(-1)
        #expect(lines("t_seconds_sum") == ["t_seconds_sum 0"])
    }

    @Test func `buckets are sorted, finite, distinct and bounded`() {
        #expect(HistogramBuckets([5, 1, .nan, 5, .infinity, -1]).bounds == [-1, 1, 5])
        #expect(HistogramBuckets((0..<1000).map(Double.init)).bounds.count == HistogramBuckets.maximumCount)
        let none = HistogramBuckets([])
        #expect(none.index(of: 3) == 0)
        for (place, bound) in HistogramBuckets.latency.bounds.enumerated() {
            #expect(HistogramBuckets.latency.index(of: bound) == place)
            #expect(HistogramBuckets.latency.index(of: bound.nextUp) == place + 1)
        }
    }

    @Test func `every latency bound is inclusive for a timer`() {
        let registry = PrometheusRegistry(includesProcess: false)
        let timer = registry.makeTimer(label: "t", dimensions: [])
        let bounds = HistogramBuckets.latency.bounds
        for bound in bounds { timer.recordNanoseconds(Int64((bound * 1e9).rounded())) }
        let text = registry.expose(.openMetrics)
        for (index, bound) in bounds.enumerated() {
            #expect(text.contains("t_seconds_bucket{le=\"\(bound)\"} \(index + 1)\n"))
        }
    }

    @Test func `what is looked up is looked up anew before each exposition`() {
        let level = Meter(label: "level", factory: registry)
        let reads = Counter(label: "reads", factory: registry)
        registry.beforeExposing {
            reads.increment()
            level.increment(by: 2.0)
        }
        registry.beforeExposing { level.increment(by: 0.5) }
        #expect(lines("level") == ["level 2.5"])
        #expect(lines("level") == ["level 5"])
        #expect(lines("reads_total") == ["reads_total 3"])
    }

    @Test func `buckets and help are found by either name`() {
        let registry = PrometheusRegistry(includesProcess: false)
        registry.setBuckets([7], for: "a.wait")
        registry.setBuckets([8], for: "b_wait_seconds")
        registry.describe("a.wait", "Short.")
        registry.describe("hits_total", "Long.")
        _ = registry.makeTimer(label: "a.wait", dimensions: [])
        _ = registry.makeTimer(label: "b.wait", dimensions: [])
        _ = registry.makeCounter(label: "hits", dimensions: [])
        let text = registry.expose()
        #expect(text.contains("a_wait_seconds_bucket{le=\"7\"} 0\n"))
        #expect(text.contains("b_wait_seconds_bucket{le=\"8\"} 0\n"))
        #expect(text.contains("# HELP a_wait_seconds Short.\n"))
        #expect(text.contains("# HELP hits_total Long.\n"))
    }

    @Test func `names have the prefix, and the old ones among them are written without it too`() {
        let registry = PrometheusRegistry(prefix: "app_", oldNames: ["hits"], includesProcess: false)
        registry.describe("hits", "Hits.")
        Counter(label: "hits", factory: registry).increment(by: 2)
        Meter(label: "level", factory: registry).set(3)
        #expect(
            registry.expose() == """
                # HELP app_hits_total Hits.
                # TYPE app_hits_total counter
                app_hits_total 2
                # TYPE app_level gauge
                app_level 3
                # HELP app_telemetry_overflow_total Metrics that were asked for beyond a limit or under a name in use.
                # TYPE app_telemetry_overflow_total counter
                app_telemetry_overflow_total{reason="families"} 0
                app_telemetry_overflow_total{reason="label_sets"} 0
                app_telemetry_overflow_total{reason="name_conflict"} 0
                # HELP hits_total Old name of app_hits.
                # TYPE hits_total counter
                hits_total 2

                """
        )
    }
}

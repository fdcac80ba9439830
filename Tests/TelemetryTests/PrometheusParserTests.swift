import CoreMetrics
import Foundation
import TestProcess
import Testing

@testable import Telemetry

/// What Prometheus's own Python client reads from an exposition.
@Suite struct PrometheusParserTests {
    /// A Python that has the module `prometheus_client`, if there is one.
    private static let python: String? = {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
        return [root.appending(path: ".build/peers/bin/python").path, "python3"].first { python in
            (try? run(python, ["-c", "import prometheus_client.openmetrics.parser"], input: ""))?.status == 0
        }
    }()

    private struct Sample: Decodable, Equatable {
        var name: String
        var labels: [String: String]
        var value: Double
    }

    private static let script = """
        import json, sys
        if sys.argv[1] == "openMetrics":
            from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse
        else:
            from prometheus_client.parser import text_string_to_metric_families as parse
        text = sys.stdin.buffer.read().decode()
        samples = [s for family in parse(text) for s in family.samples]
        print(json.dumps([{"name": s.name, "labels": s.labels, "value": s.value} for s in samples]))
        """

    @Test(
        .enabled(if: python != nil, "python3 has no module prometheus_client"),
        arguments: ExpositionFormat.allCases
    )
    func `the official parser reads back what was recorded`(format: ExpositionFormat) throws {
        let registry = PrometheusRegistry(limits: .init(families: 10, labelSets: 3), defaultBuckets: [0.5, 1])
        let hostile = "q\" b\\ n\n s{}=, é \u{2028} 👩‍👩‍👧"
        registry.describe("hits", hostile)
        for index in 0..<5 {
            Counter(label: "hits", dimensions: [("text", hostile), ("n", "\(index)")], factory: registry)
                .increment(by: index)
        }
        Gauge(label: "level", factory: registry).record(-1e-9)
        Timer(label: "wait", dimensions: [("engine", hostile)], factory: registry).recordMilliseconds(700)

        let python = try #require(Self.python)
        let result = try Self.run(python, ["-c", Self.script, "\(format)"], input: registry.expose(format))
        #expect(result.status == 0, "\(result.errors)")
        let samples = try JSONDecoder().decode([Sample].self, from: result.output)
        let expected = [
            Sample(name: "hits_total", labels: ["text": hostile, "n": "2"], value: 2),
            Sample(name: "hits_total", labels: ["overflow": "true"], value: 7),
            Sample(name: "level", labels: [:], value: -1e-9),
            Sample(name: "wait_seconds_bucket", labels: ["engine": hostile, "le": "0.5"], value: 0),
            Sample(name: "wait_seconds_bucket", labels: ["engine": hostile, "le": "+Inf"], value: 1),
            Sample(name: "wait_seconds_sum", labels: ["engine": hostile], value: 0.7),
            Sample(name: "wait_seconds_count", labels: ["engine": hostile], value: 1),
            Sample(name: "telemetry_overflow_total", labels: ["reason": "label_sets"], value: 2),
        ]
        for sample in expected { #expect(samples.contains(sample)) }
        #if os(Linux)
            #expect(samples.contains { $0.name == "process_cpu_seconds_total" && $0.value > 0 })
        #endif
    }

    private static func run(
        _ python: String,
        _ arguments: [String],
        input: String
    ) throws -> (status: Int32, output: Data, errors: String) {
        let folder = FileManager.default.temporaryDirectory.appending(path: "telemetry-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let files = ["input", "output", "errors"].map { folder.appending(path: $0) }
        for (file, text) in zip(files, [input, "", ""]) { try Data(text.utf8).write(to: file) }
        let handles = try files.map { try FileHandle(forUpdating: $0) }
        let status = try TestProcess.run(
            python,
            arguments,
            input: handles[0].fileDescriptor,
            output: handles[1].fileDescriptor,
            errors: handles[2].fileDescriptor
        )
        let (output, errors) = (try Data(contentsOf: files[1]), try Data(contentsOf: files[2]))
        return (status, output, String(decoding: errors, as: UTF8.self))
    }
}

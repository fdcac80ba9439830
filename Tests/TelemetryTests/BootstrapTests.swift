import CoreMetrics
import Logging
import Testing

@testable import Telemetry

@Suite struct BootstrapTests {
    @Test func `the process logs to standard error and counts in the registry`() async throws {
        // In a process of its own, for a process can be set up only once.
        let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            let registry = PrometheusRegistry(includesProcess: false)
            #expect(Telemetry.bootstrap(format: .json, level: .info, registry: registry))
            let logger = Logger(label: "antiphon.boot")
            logger.debug("before")
            #expect(!Telemetry.bootstrap(format: .text, level: .debug))
            RequestID.$current.withValue(RequestID(header: "req-1")) { logger.debug("after") }
            Counter(label: "boots").increment()
            #expect(registry.expose().hasPrefix("# TYPE boots_total counter\nboots_total 1\n"))
        }
        let lines = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
            .split(separator: "\n").filter { $0.contains("antiphon.boot") }
        #expect(lines.count == 1)
        #expect(lines.first?.hasSuffix(#""message":"after","request_id":"req-1"}"#) == true)
    }
}

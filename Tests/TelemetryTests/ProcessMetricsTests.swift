import Foundation
import Testing

@testable import Telemetry

@Suite struct ProcessMetricsTests {
    let stat =
        "4242 (odd) name (x) S 1 4242 4242 0 -1 4194560 900 0 0 0 150 50 0 0 20 0 9 0 3000 1048576 256 "
        + "18446744073709551615 1 1 0 0 0 0 0 4096 17642 0 0 0 17 1 0 0 0 0 0"
    let limits = "Limit       Soft Limit  Hard Limit  Units\nMax open files  1024  4096  files\n"

    private func parse(stat: String? = nil, limits: String? = nil) -> ProcessMetrics? {
        ProcessMetrics(
            stat: stat ?? self.stat,
            limits: limits ?? self.limits,
            bootTime: 1000,
            openDescriptors: 7,
            ticksPerSecond: 100,
            pageSize: 4096
        )
    }

    @Test func `the numbers come from their places`() throws {
        let metrics = try #require(parse())
        #expect(metrics.cpuSeconds == 2)
        #expect(metrics.startTime == 1030)
        #expect(metrics.virtualBytes == 1_048_576)
        #expect(metrics.residentBytes == 1_048_576)
        #expect(metrics.openDescriptors == 7)
        #expect(metrics.maximumDescriptors == 1024)
    }

    @Test func `no limit is infinity`() {
        #expect(parse(limits: "Max open files  unlimited  unlimited  files\n")?.maximumDescriptors == .infinity)
    }

    @Test(arguments: ["", "no brackets", "1 (x)", "1 (x) S 1 2 3"])
    func `what is not a process is nothing`(stat: String) {
        #expect(parse(stat: stat) == nil)
        #expect(parse(limits: stat) == nil)
    }

    #if os(Linux)
        @Test func `this process is plausible`() throws {
            let before = try #require(ProcessMetrics.current())
            #expect(before.residentBytes > 1_000_000)
            #expect(before.virtualBytes >= before.residentBytes)
            #expect(before.openDescriptors >= 3)
            #expect(before.openDescriptors <= before.maximumDescriptors)
            #expect(abs(before.startTime - Date().timeIntervalSince1970) < 86_400)
            #expect(before.cpuSeconds > 0)
        }

        @Test func `an exposition has the process, each family once`() {
            let text = PrometheusRegistry().expose()
            for (name, type) in [
                ("process_resident_memory_bytes", "gauge"), ("process_virtual_memory_bytes", "gauge"),
                ("process_cpu_seconds_total", "counter"), ("process_open_fds", "gauge"), ("process_max_fds", "gauge"),
                ("process_start_time_seconds", "gauge"),
            ] {
                #expect(text.components(separatedBy: "# TYPE \(name) \(type)\n\(name) ").count == 2)
            }
            #expect(PrometheusRegistry().expose(.openMetrics).contains("# TYPE process_cpu_seconds counter\n"))
        }
    #endif
}

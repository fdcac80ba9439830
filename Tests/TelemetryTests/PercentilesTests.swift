import Testing

@testable import Telemetry

@Suite struct PercentilesTests {
    @Test func `nothing recorded has no percentiles`() {
        var percentiles = Percentiles()
        percentiles.record(.nan)
        percentiles.record(.infinity)
        #expect(percentiles.count == 0)
        #expect(percentiles.p50 == nil)
        #expect(percentiles.mean == nil)
        #expect(percentiles.maximum == nil)
    }

    @Test(arguments: [0, 0.000_01, 3, 250.5, 1e12])
    func `one value is every percentile`(value: Double) {
        var percentiles = Percentiles()
        percentiles.record(value)
        #expect(percentiles.p50 == value)
        #expect(percentiles.p99 == value)
        #expect(percentiles.mean == value)
    }

    @Test(arguments: [0.001, 1, 1000]) func `percentiles are within two per cent`(scale: Double) throws {
        let values = (1...10_000).map { Double($0) * scale }
        var percentiles = Percentiles()
        for value in values.shuffled() { percentiles.record(value) }
        for share in [0.01, 0.1, 0.5, 0.9, 0.95, 0.99, 0.999] {
            let exact = values[Int((share * 10_000).rounded(.up)) - 1]
            let found = try #require(percentiles.value(at: share))
            #expect(abs(found - exact) <= 0.02 * exact)
        }
        #expect(percentiles.value(at: 1) == 10_000 * scale)
        #expect(percentiles.value(at: 7) == 10_000 * scale)
        #expect(try #require(percentiles.value(at: -1)) >= scale)
        #expect(percentiles.value(at: .nan) == nil)
    }

    @Test func `a rare slow value shows at p99 and not at p50`() throws {
        var percentiles = Percentiles()
        for index in 0..<1000 { percentiles.record(index % 50 == 0 ? .seconds(4) : .milliseconds(20)) }
        #expect(abs(try #require(percentiles.p50) - 20) < 0.4)
        #expect(abs(try #require(percentiles.p99) - 4000) < 80)
    }

    @Test func `negative values count as zero`() {
        var percentiles = Percentiles()
        percentiles.record(-4)
        #expect(percentiles.minimum == 0)
        #expect(percentiles.count == 1)
    }

    @Test func `merging is the same as recording all`() {
        var all = Percentiles()
        var parts = [Percentiles(), Percentiles(), Percentiles()]
        for value in 1...1000 {
            all.record(Double(value))
            parts[value % 2].record(Double(value))
        }
        var merged = parts[2]
        for part in [parts[0], parts[2], parts[1]] { merged.merge(part) }
        #expect(merged == all)
    }
}

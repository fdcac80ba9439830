import CoreMetrics
import Synchronization

/// How often values fell into each bucket. Timers record into it in seconds.
final class HistogramSeries: Series, RecorderHandler, TimerHandler {
    /// Atomics cannot be elements of an array, so each has an object of its own.
    private final class Bucket: Sendable {
        let count = Atomic<Int>(0)
    }

    let id: SeriesID
    private let buckets: HistogramBuckets
    /// One per bound and a last one without bound.
    private let counts: [Bucket]
    private let sum = AtomicDouble()

    init(id: SeriesID, buckets: HistogramBuckets) {
        self.id = id
        self.buckets = buckets
        counts = (0...buckets.bounds.count).map { _ in Bucket() }
    }

    func record(_ value: Int64) {
        record(Double(value))
    }

    func record(_ value: Double) {
        // One value that is not a number would spoil the sum for good.
        guard value.isFinite else { return }
        counts[buckets.index(of: value)].count.wrappingAdd(1, ordering: .relaxed)
        sum.add(value)
    }

    func recordNanoseconds(_ duration: Int64) {
        record(Double(max(0, duration)) / 1_000_000_000)
    }

    func write(to exposition: inout Exposition) {
        var total = 0
        for (index, bucket) in counts.enumerated() {
            total += bucket.count.load(ordering: .relaxed)
            let bound = index < buckets.bounds.count ? buckets.bounds[index] : .infinity
            exposition.sample(
                id.family + "_bucket",
                labels: id.labels.adding(bound: exposition.bound(bound)),
                value: Double(total)
            )
        }
        exposition.sample(id.family + "_sum", labels: id.labels, value: sum.value)
        exposition.sample(id.family + "_count", labels: id.labels, value: Double(total))
    }
}

import CoreMetrics
import Synchronization

/// A number that only rises. Whole amounts, the common case, take one atomic addition.
final class CounterSeries: Series, CounterHandler, FloatingPointCounterHandler {
    let id: SeriesID
    private let whole = Atomic<Int64>(0)
    private let rest = AtomicDouble()

    init(id: SeriesID) {
        self.id = id
    }

    var value: Double {
        Double(whole.load(ordering: .relaxed)) + rest.value
    }

    func increment(by amount: Int64) {
        guard amount > 0 else { return }
        // A huge amount would wrap the whole part round to a negative number.
        guard amount <= Int64(UInt32.max) else { return rest.add(Double(amount)) }
        whole.wrappingAdd(amount, ordering: .relaxed)
    }

    func increment(by amount: Double) {
        guard amount > 0, amount.isFinite else { return }
        rest.add(amount)
    }

    func reset() {
        whole.store(0, ordering: .relaxed)
        rest.store(0)
    }

    func write(to exposition: inout Exposition) {
        exposition.sample(id.family + "_total", labels: id.labels, value: value)
    }
}

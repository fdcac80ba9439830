import CoreMetrics

/// A number that rises and falls.
final class GaugeSeries: Series, MeterHandler, RecorderHandler {
    let id: SeriesID
    private let current = AtomicDouble()

    init(id: SeriesID) {
        self.id = id
    }

    func set(_ value: Int64) {
        current.store(Double(value))
    }

    func set(_ value: Double) {
        current.store(value)
    }

    func increment(by amount: Double) {
        guard amount.isFinite else { return }
        current.add(amount)
    }

    func decrement(by amount: Double) {
        increment(by: -amount)
    }

    func record(_ value: Int64) {
        set(value)
    }

    func record(_ value: Double) {
        set(value)
    }

    func write(to exposition: inout Exposition) {
        exposition.sample(id.family, labels: id.labels, value: current.value)
    }
}

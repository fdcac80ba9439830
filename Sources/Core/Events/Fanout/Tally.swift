/// What one loop tells of one delivery.
final class Tally {
    private let collector: ReportCollector
    private var queued = 0
    private var dropped = 0

    init(_ collector: ReportCollector) {
        self.collector = collector
    }

    func add(queued: Int, dropped: Int) {
        self.queued += queued
        self.dropped += dropped
    }

    /// The loop is done with the delivery.
    func tell() {
        collector.add(queued: queued, dropped: dropped)
    }
}

import Synchronization

/// Adds up what the loops tell of one delivery.
final class ReportCollector: Sendable {
    private struct State {
        var report: DeliveryReport
        var awaited: Int
        var completion: (@Sendable (DeliveryReport) -> Void)?
    }

    private let state: Mutex<State>

    /// Adds to `report` what so many loops tell.
    init(_ report: DeliveryReport, loops: Int, completion: @escaping @Sendable (DeliveryReport) -> Void) {
        state = Mutex(State(report: report, awaited: loops + 1, completion: completion))
    }

    /// The publisher is ready for the report: it is complete when all loops have told.
    func begin() {
        add(queued: 0, dropped: 0)
    }

    /// A loop has done its part.
    func add(queued: Int, dropped: Int) {
        let (completion, report) = state.withLock { state in
            state.report.targeted += queued + dropped
            state.report.queued += queued
            state.report.dropped += dropped
            state.awaited -= 1
            guard state.awaited == 0 else { return (nil as (@Sendable (DeliveryReport) -> Void)?, state.report) }
            defer { state.completion = nil }
            return (state.completion, state.report)
        }
        completion?(report)
    }
}

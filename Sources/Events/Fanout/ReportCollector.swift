import Synchronization

/// Adds up what the loops tell of one delivery.
final class ReportCollector: Sendable {
    private struct State {
        var report: DeliveryReport
        var awaited: Int
        var completion: (@Sendable (DeliveryReport) -> Void)?
    }

    private let state: Mutex<State>

    /// Adds to `report`, and calls `completion` when so many loops have told.
    init(_ report: DeliveryReport, awaited: Int, completion: @escaping @Sendable (DeliveryReport) -> Void) {
        guard awaited > 0 else {
            state = Mutex(State(report: report, awaited: 0))
            completion(report)
            return
        }
        state = Mutex(State(report: report, awaited: awaited, completion: completion))
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

import DequeModule
import Synchronization

/// The buffer of one subscription in this process: bounded, so that a reader that falls behind loses the oldest events
/// and is told how many.
final class EventReader: Sendable {
    private struct State {
        var events: Deque<Event> = []
        var missed = 0
        var waiter: CheckedContinuation<Event?, Never>?
        var isFinished = false
    }

    private let state = Mutex(State())
    private let capacity: Int
    private let filter: Filter?

    init(capacity: Int, filter: Filter?) {
        self.capacity = max(1, capacity)
        self.filter = filter
    }

    /// Takes an event in. The result is to be called when the hub is unlocked.
    func push(_ event: Event) -> Wakeup? {
        if let filter, !filter.matches(type: event.type, data: event.data) { return nil }
        return state.withLock { state in
            guard !state.isFinished else { return nil }
            if let waiter = state.waiter {
                state.waiter = nil
                return Wakeup(waiter: waiter, event: event)
            }
            if state.events.count == capacity {
                state.events.removeFirst()
                state.missed += 1
            }
            state.events.append(event)
            return nil
        }
    }

    /// A reader that waited, and what it waited for.
    struct Wakeup: Sendable {
        let waiter: CheckedContinuation<Event?, Never>
        let event: Event?

        func callAsFunction() { waiter.resume(returning: event) }
    }

    /// The next event; nil when the subscription has ended or the task was cancelled.
    func next() async -> Event? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let ready: Event?? = state.withLock { state in
                    if var event = state.events.popFirst() {
                        event.missed = state.missed
                        state.missed = 0
                        return event
                    }
                    guard !state.isFinished, !Task.isCancelled else { return .some(nil) }
                    precondition(state.waiter == nil, "one task reads a subscription")
                    state.waiter = continuation
                    return nil
                }
                if let ready { continuation.resume(returning: ready) }
            }
        } onCancel: {
            finish()
        }
    }

    /// Ends the subscription for its reader.
    func finish() {
        let waiter = state.withLock { state in
            state.isFinished = true
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(returning: nil)
    }
}

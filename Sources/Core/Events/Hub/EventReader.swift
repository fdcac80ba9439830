import DequeModule
import Synchronization

/// The buffer of one subscription in this process: bounded, so that a reader that falls behind loses the oldest events
/// and is told how many. Several tasks may read it; each event goes to one of them.
///
/// Whether an event is wanted is decided by others' code, so never while the hub or this buffer is locked.
final class EventReader: Sendable {
    /// What a task that reads does next.
    enum Step {
        /// It has an event.
        case event(Event)
        /// It reads what only the topic's log holds, and gives it to `loaded(_:of:)`.
        case load(ClosedRange<UInt64>)
        /// It waits with `wait()`.
        case wait
        /// Nothing will come.
        case ended
    }

    private struct State {
        /// What only the topic's log holds, to be read first.
        var stored: ClosedRange<UInt64>?
        var isLoading = false
        /// What was read of it.
        var loaded: Deque<Event> = []
        /// Events that are wanted.
        var events: Deque<Event> = []
        /// Events of which is not known yet whether they are wanted.
        var intake: Deque<Event> = []
        /// Whether somebody decides that.
        var isFiltering = false
        var missed = 0
        /// The tasks that wait, by number.
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
        var lastWaiter = 0
        var isFinished = false

        var mustWait: Bool {
            if !loaded.isEmpty { return false }
            if isLoading { return true }
            return stored == nil && events.isEmpty && !hasEnded
        }

        var hasEnded: Bool { isFinished && !isFiltering && intake.isEmpty }

        mutating func append(_ event: Event, to queue: WritableKeyPath<State, Deque<Event>>, capacity: Int) {
            if self[keyPath: queue].count == capacity {
                self[keyPath: queue].removeFirst()
                missed += 1
            }
            self[keyPath: queue].append(event)
        }
    }

    private let state = Mutex(State())
    private let capacity: Int
    private let isWanted: (@Sendable (Event) -> Bool)?

    /// A buffer for so many events, of those that are wanted; nil means all.
    init(capacity: Int, isWanted: (@Sendable (Event) -> Bool)?) {
        self.capacity = max(1, capacity)
        self.isWanted = isWanted
    }

    // MARK: Coming in

    /// What only the topic's log holds is read before anything else.
    func begin(withStored stored: ClosedRange<UInt64>?) {
        state.withLock { $0.stored = stored }
    }

    /// Takes an event in. True if `settle()` is to be called when the hub is unlocked.
    func push(_ event: Event) -> Bool {
        state.withLock { state in
            guard !state.isFinished else { return false }
            guard isWanted != nil else {
                state.append(event, to: \.events, capacity: capacity)
                return !state.waiters.isEmpty
            }
            state.append(event, to: \.intake, capacity: capacity)
            return !state.isFiltering
        }
    }

    /// Decides which events are wanted, and wakes those who wait for them. Others' code is run: no lock may be held.
    func settle() {
        if let isWanted {
            // One at a time, so that events keep their order: who comes meanwhile leaves its events to the first.
            var isOwner = false
            while let batch = takeIntake(isOwner: isOwner) {
                isOwner = true
                let wanted = batch.filter(isWanted)
                state.withLock { state in
                    for event in wanted { state.append(event, to: \.events, capacity: capacity) }
                }
            }
        }
        wake()
    }

    private func takeIntake(isOwner: Bool) -> Deque<Event>? {
        state.withLock { state in
            guard isOwner || !state.isFiltering else { return nil }
            state.isFiltering = !state.intake.isEmpty
            guard state.isFiltering else { return nil }
            var batch: Deque<Event> = []
            swap(&batch, &state.intake)
            return batch
        }
    }

    private func wake() {
        let waiters = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            guard !state.mustWait else { return [] }
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Ends the subscription for its readers, who get what there is.
    func finish() {
        state.withLock { $0.isFinished = true }
        wake()
    }

    // MARK: Reading

    func step() -> Step {
        state.withLock { state in
            if let event = state.loaded.popFirst() { return .event(event) }
            guard !state.isLoading else { return .wait }
            if let stored = state.stored {
                state.isLoading = true
                return .load(stored)
            }
            if var event = state.events.popFirst() {
                event.missed += state.missed
                state.missed = 0
                return .event(event)
            }
            return state.hasEnded ? .ended : .wait
        }
    }

    /// A part of what the log was asked for is here, from its beginning; what has gone meanwhile is missed. Nil if nothing
    /// was read: somebody else tries again.
    func loaded(_ page: [Event]?, of range: ClosedRange<UInt64>) {
        let wanted = page.map { page in isWanted.map { page.filter($0) } ?? page }
        state.withLock { state in
            state.isLoading = false
            guard let page, let wanted else { return }
            let next = page.last.map { $0.position.offset + 1 } ?? range.upperBound + 1
            let missed = Int(clamping: next - range.lowerBound) - page.count
            state.loaded = Deque(wanted)
            if state.loaded.isEmpty { state.missed += missed } else { state.loaded[0].missed = missed }
            state.stored = next <= range.upperBound ? next...range.upperBound : nil
        }
        wake()
    }

    /// Returns when there may be something to do, or the task is cancelled.
    func wait() async {
        let number = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let mustWait = state.withLock { state in
                    guard state.mustWait, !Task.isCancelled else { return false }
                    state.waiters[number] = continuation
                    return true
                }
                if !mustWait { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: number) }?.resume()
        }
    }
}

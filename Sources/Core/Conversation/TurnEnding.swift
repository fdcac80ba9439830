import Storage
import Synchronization

/// The end of a turn as those see it who wait for its record: any number of tasks, before the end or after it.
///
/// A cancelled task waits on: a record is what it returns, and every turn ends.
final class TurnEnding: Sendable {
    private enum State {
        case awaited([CheckedContinuation<Turn.Record, Never>])
        case known(Turn.Record)
    }

    private let state = Mutex(State.awaited([]))
    private let reads = Atomic(0)

    /// Whether anybody has been given the record.
    var wasRead: Bool { reads.load(ordering: .acquiring) > 0 }

    /// The record; waits until it is known.
    var record: Turn.Record {
        get async {
            defer { reads.add(1, ordering: .releasing) }
            return await withCheckedContinuation { waiter in
                let known: Turn.Record? = state.withLock { state in
                    switch state {
                    case .awaited(let waiters):
                        state = .awaited(waiters + [waiter])
                        return nil
                    case .known(let record):
                        return record
                    }
                }
                if let known { waiter.resume(returning: known) }
            }
        }
    }

    /// Tells the record to all who wait and will wait. Only the first one counts.
    func tell(_ record: Turn.Record) {
        let waiters = state.withLock { state -> [CheckedContinuation<Turn.Record, Never>] in
            guard case .awaited(let waiters) = state else { return [] }
            state = .known(record)
            return waiters
        }
        for waiter in waiters { waiter.resume(returning: record) }
    }
}

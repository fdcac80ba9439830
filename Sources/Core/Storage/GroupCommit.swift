internal import GRDB
internal import Synchronization

/// Commits the writes of many callers together: one transaction, one sync to disk, for all that wait.
///
/// Each write has its own savepoint, so one that fails undoes only itself. A caller goes on after the commit, never
/// before. The work is done on the pool's writer queue; no caller's thread is held while it waits.
final class GroupCommit: Sendable {
    private struct Pending: Sendable {
        /// Does the write; the result tells its caller of success and is called after the commit.
        var run: @Sendable (Database) throws -> (@Sendable () -> Void)
        /// Tells the caller that nothing was written.
        var fail: @Sendable (any Error) -> Void
    }

    private struct State {
        var queue: WriteQueue<Pending>
        var closers: [CheckedContinuation<Void, Never>] = []
    }

    private let pool: DatabasePool
    private let state: Mutex<State>

    init(pool: DatabasePool, capacity: Int, batchLimit: Int) {
        self.pool = pool
        state = Mutex(State(queue: WriteQueue(capacity: capacity, batchLimit: batchLimit)))
    }

    /// The number of writes that wait.
    var count: Int { state.withLock { $0.queue.count } }

    /// Runs `body` in the next transaction and returns its result after the commit.
    ///
    /// `afterCommit` runs before any later write does, so what is held in memory changes in the order of the commits.
    /// Cancelling the task takes the write back while it waits; once it is in a transaction, the outcome is reported
    /// as it is. Throws what `body` throws, `StorageError.busy` when the queue is full, `CancellationError`, or
    /// SQLite's error of the transaction.
    func write<T: Sendable>(
        afterCommit: @escaping @Sendable (T) -> Void = { _ in },
        _ body: @escaping @Sendable (Database) throws -> T
    ) async throws -> T {
        let ticket = Mutex<WriteQueue<Pending>.ID?>(nil)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (caller: CheckedContinuation<T, any Error>) in
                enqueue(
                    Pending(
                        run: { database in
                            let value = try body(database)
                            return {
                                afterCommit(value)
                                caller.resume(returning: value)
                            }
                        },
                        fail: { caller.resume(throwing: $0) }
                    ),
                    ticket: { id in ticket.withLock { $0 = id } }
                )
                // The cancellation may have come before there was anything to take back.
                if Task.isCancelled { withdraw(ticket.withLock { $0 }) }
            }
        } onCancel: {
            withdraw(ticket.withLock { $0 })
        }
    }

    /// Runs `body` in the next transaction; nobody waits for it, and `failed` hears why it was not written.
    func submit(
        _ body: @escaping @Sendable (Database) throws -> Void,
        failed: @escaping @Sendable (any Error) -> Void
    ) {
        enqueue(
            Pending(
                run: {
                    try body($0)
                    return {}
                },
                fail: failed
            )
        )
    }

    /// Takes no more writes, and returns when those that wait have been committed.
    func close() async {
        await withCheckedContinuation { closer in
            let isDrained = state.withLock { state in
                state.queue.close()
                if !state.queue.isDrained { state.closers.append(closer) }
                return state.queue.isDrained
            }
            if isDrained { closer.resume() }
        }
    }

    private func enqueue(_ write: Pending, ticket: (WriteQueue<Pending>.ID) -> Void = { _ in }) {
        switch state.withLock({ $0.queue.enqueue(write) }) {
        case .begin(let id):
            ticket(id)
            scheduleBatch()
        case .wait(let id): ticket(id)
        case .refuse(let retryAfter): write.fail(StorageError.busy(retryAfter: retryAfter))
        case .closed: write.fail(StorageError.closed(path: pool.path))
        }
    }

    private func withdraw(_ id: WriteQueue<Pending>.ID?) {
        guard let id else { return }
        state.withLock { $0.queue.withdraw(id) }?.fail(CancellationError())
    }

    private func scheduleBatch() {
        pool.asyncWriteWithoutTransaction { [self] database in
            let batch = state.withLock { $0.queue.take(now: .now) }
            for report in commit(batch, to: database) { report() }
            finishBatch()
        }
    }

    private func finishBatch() {
        let (next, closers) = state.withLock { state in
            let next = state.queue.finish(now: .now)
            guard state.queue.isDrained else { return (next, [CheckedContinuation<Void, Never>]()) }
            defer { state.closers = [] }
            return (next, state.closers)
        }
        if next == .takeAnother { scheduleBatch() }
        for closer in closers { closer.resume() }
    }

    /// Writes the batch and returns what its callers are to be told.
    private func commit(_ batch: [Pending], to database: Database) -> [@Sendable () -> Void] {
        guard !batch.isEmpty else { return [] }
        var reports: [@Sendable () -> Void] = []
        do {
            try database.inTransaction(.immediate) {
                for write in batch {
                    do {
                        var report: @Sendable () -> Void = {}
                        try database.inSavepoint {
                            report = try write.run(database)
                            return .commit
                        }
                        reports.append(report)
                    } catch {
                        // A full disk or an I/O error makes SQLite undo the whole transaction, and so all of the batch.
                        guard database.isInsideTransaction else { throw error }
                        reports.append { write.fail(error) }
                    }
                }
                return .commit
            }
            return reports
        } catch {
            return batch.map { write in { write.fail(error) } }
        }
    }
}

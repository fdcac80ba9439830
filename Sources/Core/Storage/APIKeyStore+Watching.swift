internal import Foundation
internal import GRDB
internal import Logging
internal import Synchronization

extension APIKeyStore {
    /// The ids of the keys that are revoked from now on, here or by another process that has the database open; the
    /// latter are noticed by `watch` and `refresh`.
    public func revocations() -> AsyncStream<APIKeyRecord.ID> {
        // Unbounded: there are at most as many revocations as keys.
        let (stream, continuation) = AsyncStream.makeStream(of: APIKeyRecord.ID.self)
        let listener = state.withLock { state in
            defer { state.nextListener += 1 }
            state.listeners[state.nextListener] = continuation
            return state.nextListener
        }
        continuation.onTermination = { [weak self] _ in
            _ = self?.state.withLock { $0.listeners.removeValue(forKey: listener) }
        }
        return stream
    }

    /// Takes over what another process has changed since the last time, until the task is cancelled; looks every
    /// `interval`. What cannot be read is logged and tried again.
    public func watch(every interval: Duration = .seconds(1)) async {
        var isFailing = false
        while !Task.isCancelled {
            do {
                try await refresh()
                isFailing = false
            } catch {
                if Task.isCancelled { return }
                if !isFailing {
                    connection.logger.warning(
                        "Changes of the API keys cannot be read; trying on",
                        metadata: ["error": "\(error)"]
                    )
                }
                isFailing = true
            }
            try? await Task.sleep(for: interval)
        }
    }

    /// Takes over what another process has changed, if anything. Throws `StorageError`.
    public func refresh() async throws {
        try await connection.betweenWrites { [self] database in
            // Changes with the commits of others only, and before the rows are read: a commit between the two is read
            // twice and never missed.
            let version = try Int.fetchOne(database, sql: "PRAGMA data_version")
            guard state.withLock({ $0.version != version }) else { return }
            let sql = "SELECT \(APIKeyRecord.columns), salt, hash FROM api_keys WHERE revoked_at IS NULL"
            let entries = try Row.fetchAll(database, sql: sql).map { row in
                let secret = APIKeySecret(salt: Array(row["salt"] as Data), hash: Array(row["hash"] as Data))
                return APIKeyTable.Entry(record: try APIKeyRecord(row: row), secret: secret)
            }
            change { state in
                state.version = version
                return state.table.replace(with: entries)
            }
        }
    }

    /// Makes a change, on the writer's queue, and tells the listeners of the keys that it revoked.
    ///
    /// They are told when the state is unlocked: who wakes a task may wait for the one that cancels it, and who cancels a
    /// listener waits for the state.
    func change(_ body: (inout State) -> [APIKeyRecord.ID]) {
        let (revoked, listeners) = state.withLock { state in (body(&state), Array(state.listeners.values)) }
        for key in revoked {
            for listener in listeners { listener.yield(key) }
        }
    }
}

internal import Foundation
internal import GRDB
internal import Logging
internal import Synchronization

/// The open database: its lock, its pool of connections and its queue of writes.
final class StoreConnection: Sendable {
    let path: String
    let pool: DatabasePool
    let commits: GroupCommit
    let logger: Logger
    private let lock: StoreLock
    private let isClosed = Atomic(false)

    /// Opens the database. Blocks.
    init(_ configuration: Store.Configuration, logger: Logger) throws {
        let path = try StoreFile.prepare(configuration.path, logger: logger)
        self.path = path
        self.logger = logger
        lock = try StoreLock(databasePath: path)
        do {
            let isToBeChecked = !lock.wasLeftClean && configuration.checkTimeLimit > .zero
            try StoreFile.inspect(
                path,
                checkingFor: isToBeChecked ? configuration.checkTimeLimit : nil,
                logger: logger
            )
            try StoreFile.create(path)
            pool = try DatabasePool(path: path, configuration: Self.poolConfiguration(configuration))
            // Only now: the pool sets NORMAL while it turns on the write-ahead log.
            try pool.writeWithoutTransaction {
                try $0.execute(sql: "PRAGMA synchronous = \(configuration.synchronous.rawValue)")
            }
            try Schema.migrator.migrate(pool)
        } catch {
            lock.release(clean: lock.wasLeftClean)
            throw StorageError.describing(error, path: path)
        }
        commits = GroupCommit(
            pool: pool,
            capacity: configuration.waitingWriteLimit,
            batchLimit: configuration.batchLimit
        )
    }

    /// Runs `body` in the next transaction; returns after the commit. See `GroupCommit.write`.
    func write<T: Sendable>(
        afterCommit: @escaping @Sendable (T) -> Void = { _ in },
        _ body: @escaping @Sendable (Database) throws -> T
    ) async throws -> T {
        do {
            return try await commits.write(afterCommit: afterCommit, body)
        } catch {
            throw StorageError.describing(error, path: path)
        }
    }

    /// Runs `body` on a snapshot of the last commit.
    func read<T: Sendable>(_ body: @escaping @Sendable (Database) throws -> T) async throws -> T {
        do {
            return try await pool.read(body)
        } catch {
            throw StorageError.describing(error, path: path)
        }
    }

    /// Throws `StorageError.closed` if the database was closed.
    func requireOpen() throws {
        guard !isClosed.load(ordering: .acquiring) else { throw StorageError.closed(path: path) }
    }

    func checkpoint(_ mode: Database.CheckpointMode) async throws {
        do {
            try await pool.writeWithoutTransaction { [self] database in
                // Asked on the writer's queue: a closed connection must not be handed to SQLite.
                try requireOpen()
                _ = try database.checkpoint(mode)
            }
        } catch {
            throw StorageError.describing(error, path: path)
        }
    }

    func close() async throws {
        guard !isClosed.exchange(true, ordering: .acquiringAndReleasing) else { return }
        await commits.close()
        try await offCooperativePool { [self] in
            var isClean = true
            do {
                // The pool closes its writer first. Readers that remained after it could not remove the log.
                pool.invalidateReadOnlyConnections()
                try pool.barrierWriteWithoutTransaction { _ = try $0.checkpoint(.truncate) }
            } catch {
                isClean = false
                logger.warning(
                    "The write-ahead log stays beside the database until it is opened again",
                    metadata: ["path": "\(path)", "error": "\(error)"]
                )
            }
            do {
                try pool.close()
            } catch {
                throw StorageError.describing(error, path: path)
            }
            lock.release(clean: isClean)
        }
    }

    private static func poolConfiguration(_ configuration: Store.Configuration) -> GRDB.Configuration {
        var pool = GRDB.Configuration()
        pool.label = "antiphon.storage"
        pool.foreignKeysEnabled = true
        pool.busyMode = .timeout(configuration.busyTimeout / .seconds(1))
        pool.maximumReaderCount = min(max(configuration.readerLimit, 1), 64)
        let journalSizeLimit = max(0, configuration.journalSizeLimit)
        pool.prepareDatabase { database in
            guard !database.configuration.readonly else { return }
            try database.execute(sql: "PRAGMA journal_size_limit = \(journalSizeLimit)")
        }
        return pool
    }
}

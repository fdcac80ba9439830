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
    /// Nil when another owner has the lock and this is a second writer beside it.
    private let lock: StoreLock?
    private let isClosed = Atomic(false)

    /// Opens the database. Blocks.
    init(_ configuration: Store.Configuration, logger: Logger) throws {
        let path = try StoreFile.prepare(configuration.path, logger: logger)
        self.path = path
        self.logger = logger
        let lock = try StoreLock(databasePath: path)
        self.lock = lock
        do {
            let isToBeChecked = !lock.wasLeftClean && configuration.checkTimeLimit > .zero
            try StoreFile.inspect(
                path,
                checkingFor: isToBeChecked ? configuration.checkTimeLimit : nil,
                logger: logger
            )
            try StoreFile.create(path)
            pool = try Self.openPool(path, configuration)
            try Schema.migrator.migrate(pool)
        } catch {
            lock.release(clean: lock.wasLeftClean)
            throw StorageError.describing(error, path: path)
        }
        commits = Self.commits(to: pool, configuration)
    }

    /// Opens a database beside its owner, who has the lock, as a second writer; nil if it is not of this version's
    /// schema (the owner may still be making it). Blocks.
    ///
    /// The file is touched through SQLite only: to open and close it otherwise would drop the locks of an owner in the
    /// same process.
    init?(beside configuration: Store.Configuration, logger: Logger) throws {
        let path = try StoreFile.prepare(configuration.path, logger: logger)
        do {
            guard access(path, F_OK) == 0, try Self.isCurrent(path, configuration) else { return nil }
            pool = try Self.openPool(path, configuration)
        } catch {
            throw StorageError.describing(error, path: path)
        }
        self.path = path
        self.logger = logger
        lock = nil
        commits = Self.commits(to: pool, configuration)
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
        try await betweenWrites { _ = try $0.checkpoint(mode) }
    }

    /// Runs `body` on the writer's connection between two transactions.
    func betweenWrites<T: Sendable>(_ body: @escaping @Sendable (Database) throws -> T) async throws -> T {
        do {
            return try await pool.writeWithoutTransaction { [self] database in
                // Asked on the writer's queue: a closed connection must not be handed to SQLite.
                try requireOpen()
                return try body(database)
            }
        } catch {
            throw StorageError.describing(error, path: path)
        }
    }

    func close() async throws {
        guard !isClosed.exchange(true, ordering: .acquiringAndReleasing) else { return }
        await commits.close()
        try await offCooperativePool { [self] in
            // A second writer leaves the log to the owner.
            let isClean = lock == nil || emptyLog()
            do {
                try pool.close()
            } catch {
                throw StorageError.describing(error, path: path)
            }
            lock?.release(clean: isClean)
        }
    }

    /// Moves the write-ahead log into the file; whether that was possible.
    private func emptyLog() -> Bool {
        do {
            // The pool closes its writer first. Readers that remained after it could not remove the log.
            pool.invalidateReadOnlyConnections()
            try pool.barrierWriteWithoutTransaction { _ = try $0.checkpoint(.truncate) }
            return true
        } catch {
            logger.warning(
                "The write-ahead log stays beside the database until it is opened again",
                metadata: ["path": "\(path)", "error": "\(error)"]
            )
            return false
        }
    }

    private static func openPool(_ path: String, _ configuration: Store.Configuration) throws -> DatabasePool {
        let pool = try DatabasePool(path: path, configuration: poolConfiguration(configuration))
        // Only now: the pool sets NORMAL while it turns on the write-ahead log.
        try pool.writeWithoutTransaction {
            try $0.execute(sql: "PRAGMA synchronous = \(configuration.synchronous.rawValue)")
        }
        return pool
    }

    private static func commits(to pool: DatabasePool, _ configuration: Store.Configuration) -> GroupCommit {
        GroupCommit(pool: pool, capacity: configuration.waitingWriteLimit, batchLimit: configuration.batchLimit)
    }

    /// Whether the database has exactly this version's schema; looks without writing. Throws if it is a foreign or a
    /// newer one.
    private static func isCurrent(_ path: String, _ configuration: Store.Configuration) throws -> Bool {
        var readonly = GRDB.Configuration()
        readonly.readonly = true
        readonly.busyMode = .timeout(configuration.busyTimeout / .seconds(1))
        let database = try DatabaseQueue(path: path, configuration: readonly)
        defer { try? database.close() }
        return try database.read {
            try Schema.requireKnown($0, path: path)
            return try Schema.migrator.hasCompletedMigrations($0)
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

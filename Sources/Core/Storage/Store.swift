internal import Foundation
internal import GRDB
public import Logging

/// What Antiphon keeps on disk: one SQLite database, open in one process at a time (but for a `Keyring` beside it).
///
/// A write that returned is on disk. Reads see the last commit and run beside writes.
public final class Store: Sendable {
    /// Conversations.
    public let sessions: SessionStore
    /// Answers to requests that may be repeated.
    public let idempotency: IdempotencyStore
    /// The keys that clients present.
    public let apiKeys: APIKeyStore
    /// Secrets of the server's own.
    public let secrets: SecretStore
    /// The histories of topics that outlive the process.
    public let topics: TopicStore

    let connection: StoreConnection

    init(connection: StoreConnection) async throws {
        self.connection = connection
        sessions = SessionStore(connection: connection)
        idempotency = IdempotencyStore(connection: connection)
        apiKeys = try await APIKeyStore(connection: connection)
        secrets = SecretStore(connection: connection)
        topics = TopicStore(connection: connection)
    }

    /// Opens the database, making it and its folder if need be, and brings it up to this version's schema.
    ///
    /// A database that was not closed is checked first. Throws `StorageError` if it is locked, damaged, foreign, from
    /// a newer version or not accessible; the file is then left as it was.
    public static func open(_ configuration: Configuration, logger: Logger) async throws -> Store {
        let connection = try await offCooperativePool { try StoreConnection(configuration, logger: logger) }
        do {
            return try await Store(connection: connection)
        } catch {
            try? await connection.close()
            throw error
        }
    }

    /// The absolute path of the database file.
    public var path: String { connection.path }

    /// The number of writes that wait to be committed.
    public var waitingWrites: Int { connection.commits.count }

    /// Moves what is in the write-ahead log into the database file, as far as readers allow.
    public func checkpoint() async throws {
        try await connection.checkpoint(.passive)
    }

    /// Commits what waits, empties the write-ahead log and closes the database. Later calls of the store throw
    /// `StorageError.closed`; closing again does nothing.
    public func close() async throws {
        try await connection.close()
    }
}

/// Does blocking work on a thread of its own, not on one of the cooperative pool.
func offCooperativePool<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
    try await withCheckedThrowingContinuation { continuation in
        DispatchQueue.global().async {
            continuation.resume(with: Result { try work() })
        }
    }
}

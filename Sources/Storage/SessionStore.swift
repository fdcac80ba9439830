public import Foundation
internal import GRDB

/// Conversations on disk: sessions, what was said in them, and how each turn went.
///
/// Every call that writes returns after the commit. It throws `StorageError`, or `CancellationError` when its task was
/// cancelled before the write began; then nothing is stored.
public struct SessionStore: Sendable {
    let connection: StoreConnection

    /// Stores a new session. Throws `StorageError.alreadyExists` if its id is taken.
    @discardableResult
    public func createSession(_ new: NewSession, at now: Date = Date()) async throws -> StoredSession {
        try new.validate()
        let session = StoredSession(
            id: new.id ?? RandomToken.identifier(),
            createdAt: now.stored,
            endedAt: nil,
            api: new.api,
            userName: new.userName,
            language: new.language,
            metadata: new.metadata,
            outcome: nil
        )
        return try await connection.write { database in
            do {
                try database.cachedStatement(
                    sql: """
                        INSERT INTO sessions (id, created_at, api, user_name, language, metadata)
                        VALUES (?, ?, ?, ?, ?, ?)
                        """
                ).execute(arguments: [
                    session.id, session.createdAt.milliseconds, session.api, session.userName, session.language,
                    session.metadata,
                ])
            } catch let error as DatabaseError where error.extendedResultCode == .SQLITE_CONSTRAINT_UNIQUE {
                throw StorageError.alreadyExists(what: "session", name: session.id)
            }
            return session
        }
    }

    /// Stores a message at the end of a session. Throws `StorageError.unknown` if there is no such session.
    @discardableResult
    public func appendMessage(
        _ message: NewMessage,
        to session: String,
        at now: Date = Date()
    ) async throws -> StoredMessage {
        try message.validate()
        return try await connection.write { try Self.append(message, to: session, at: now, in: $0) }
    }

    /// Stores a finished turn together with its messages, all or nothing, and returns the messages.
    ///
    /// Throws `StorageError.unknown` if there is no such session, and `alreadyExists` if the turn is stored already.
    @discardableResult
    public func recordTurn(
        _ turn: StoredTurn,
        messages: [NewMessage] = [],
        at now: Date = Date()
    ) async throws -> [StoredMessage] {
        try turn.validate()
        try Limits.require(messages.count, "turn", within: Limits.rows.upperBound, unit: "messages")
        for message in messages { try message.validate() }
        return try await connection.write { database in
            do {
                try turn.insert(into: database, at: now)
            } catch let error as DatabaseError where error.extendedResultCode == .SQLITE_CONSTRAINT_PRIMARYKEY {
                throw StorageError.alreadyExists(what: "turn of session \(turn.session)", name: "\(turn.turn)")
            } catch let error as DatabaseError where error.extendedResultCode == .SQLITE_CONSTRAINT_FOREIGNKEY {
                throw StorageError.unknown(what: "session", name: turn.session)
            }
            return try messages.map { try Self.append($0, to: turn.session, at: now, in: database) }
        }
    }

    /// Marks a session as ended, in one word how. A session that has ended already keeps its first end.
    ///
    /// Throws `StorageError.unknown` if there is no such session.
    public func endSession(_ id: String, outcome: String, at now: Date = Date()) async throws {
        try Limits.require(outcome, "outcome", within: Limits.name)
        try await connection.write { database in
            try database.cachedStatement(
                sql: """
                    UPDATE sessions SET ended_at = coalesce(ended_at, ?), outcome = coalesce(outcome, ?) WHERE id = ?
                    """
            ).execute(arguments: [now.milliseconds, outcome, id])
            guard database.changesCount > 0 else { throw StorageError.unknown(what: "session", name: id) }
        }
    }

    /// Deletes a session with its messages and turns; whether there was one.
    @discardableResult
    public func deleteSession(_ id: String) async throws -> Bool {
        try await connection.write { database in
            try database.cachedStatement(sql: "DELETE FROM sessions WHERE id = ?").execute(arguments: [id])
            return database.changesCount > 0
        }
    }

    private static func append(
        _ message: NewMessage,
        to session: String,
        at now: Date,
        in database: Database
    ) throws -> StoredMessage {
        let last = try Int.fetchOne(
            database.cachedStatement(sql: "SELECT max(sequence) FROM messages WHERE session_id = ?"),
            arguments: [session]
        )
        let sequence = (last ?? 0) + 1
        try Limits.require(sequence, "session", within: Limits.messagesPerSession, unit: "messages")
        do {
            try database.cachedStatement(
                sql: "INSERT INTO messages (\(StoredMessage.columns)) VALUES (?, ?, ?, ?, ?, ?, ?)"
            ).execute(arguments: [
                session, sequence, message.role.rawValue, message.text, message.generatedText, message.turn,
                now.milliseconds,
            ])
        } catch let error as DatabaseError where error.extendedResultCode == .SQLITE_CONSTRAINT_FOREIGNKEY {
            throw StorageError.unknown(what: "session", name: session)
        }
        return StoredMessage(message, session: session, sequence: sequence, createdAt: now.stored)
    }
}

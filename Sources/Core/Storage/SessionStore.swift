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
        return try await connection.write { try Self.insert(new, at: now, into: $0) }
    }

    /// Stores a session together with its first turn and the messages of that, all or nothing.
    ///
    /// Throws `StorageError.alreadyExists` if its id is taken.
    public func createSession(
        _ new: NewSession,
        turn: StoredTurn,
        messages: [NewMessage],
        at now: Date = Date()
    ) async throws {
        try new.validate()
        try Self.validate(turn, messages)
        try await connection.write { database in
            try Self.insert(new, at: now, into: database)
            try Self.insert(turn, messages, at: now, into: database)
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

    /// Stores a turn together with its messages, all or nothing, and returns the messages. A turn that was stored as
    /// `unfinished` is replaced, and so are its messages, which keep their places as far as there are as many.
    ///
    /// Throws `StorageError.unknown` if there is no such session, and `alreadyExists` if the turn's end is stored already.
    @discardableResult
    public func recordTurn(
        _ turn: StoredTurn,
        messages: [NewMessage] = [],
        at now: Date = Date()
    ) async throws -> [StoredMessage] {
        try Self.validate(turn, messages)
        return try await connection.write { try Self.insert(turn, messages, at: now, into: $0) }
    }

    /// Marks a session as ended, in one word how. A session that has ended already keeps its first end.
    ///
    /// Throws `StorageError.unknown` if there is no such session.
    public func endSession(_ id: String, outcome: String, at now: Date = Date()) async throws {
        try Limits.require(outcome, "outcome", within: Limits.name)
        try await connection.write { try Self.end(id, outcome: outcome, at: now, in: $0) }
    }

    /// Deletes a session with its messages and turns; whether there was one.
    @discardableResult
    public func deleteSession(_ id: String) async throws -> Bool {
        try await connection.write { database in
            try database.cachedStatement(sql: "DELETE FROM sessions WHERE id = ?").execute(arguments: [id])
            return database.changesCount > 0
        }
    }

    // MARK: Within a write

    private static func validate(_ turn: StoredTurn, _ messages: [NewMessage]) throws {
        try turn.validate()
        try Limits.require(messages.count, "turn", within: Limits.rows.upperBound, unit: "messages")
        for message in messages { try message.validate() }
    }

    @discardableResult
    private static func insert(_ new: NewSession, at now: Date, into database: Database) throws -> StoredSession {
        let session = StoredSession(
            id: new.id,
            createdAt: now.stored,
            endedAt: nil,
            api: new.api,
            userName: new.userName,
            language: new.language,
            metadata: new.metadata,
            outcome: nil
        )
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

    @discardableResult
    private static func insert(
        _ turn: StoredTurn,
        _ messages: [NewMessage],
        at now: Date,
        into database: Database
    ) throws -> [StoredMessage] {
        var places: ArraySlice<Int> = []
        do {
            if try turn.insert(into: database, at: now) {
                places = try takeOutMessages(of: turn, from: database)[...]
            }
        } catch let error as DatabaseError where error.extendedResultCode == .SQLITE_CONSTRAINT_PRIMARYKEY {
            throw StorageError.alreadyExists(what: "turn of session \(turn.session)", name: "\(turn.record.id)")
        } catch let error as DatabaseError where error.extendedResultCode == .SQLITE_CONSTRAINT_FOREIGNKEY {
            throw StorageError.unknown(what: "session", name: turn.session)
        }
        return try messages.map { message in
            try append(message, to: turn.session, place: places.popFirst(), at: now, in: database)
        }
    }

    /// Deletes the messages of a turn and returns the places that they had.
    private static func takeOutMessages(of turn: StoredTurn, from database: Database) throws -> [Int] {
        let arguments: StatementArguments = [turn.session, turn.record.id]
        let places = try Int.fetchAll(
            database.cachedStatement(
                sql: "SELECT sequence FROM messages WHERE session_id = ? AND turn = ? ORDER BY sequence"
            ),
            arguments: arguments
        )
        try database.cachedStatement(sql: "DELETE FROM messages WHERE session_id = ? AND turn = ?")
            .execute(arguments: arguments)
        return places
    }

    private static func end(_ id: String, outcome: String, at now: Date, in database: Database) throws {
        try database.cachedStatement(
            sql: "UPDATE sessions SET ended_at = coalesce(ended_at, ?), outcome = coalesce(outcome, ?) WHERE id = ?"
        ).execute(arguments: [now.milliseconds, outcome, id])
        guard database.changesCount > 0 else { throw StorageError.unknown(what: "session", name: id) }
    }

    private static func append(
        _ message: NewMessage,
        to session: String,
        place: Int? = nil,
        at now: Date,
        in database: Database
    ) throws -> StoredMessage {
        let last = try Int.fetchOne(
            database.cachedStatement(sql: "SELECT max(sequence) FROM messages WHERE session_id = ?"),
            arguments: [session]
        )
        let sequence = place ?? (last ?? 0) + 1
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

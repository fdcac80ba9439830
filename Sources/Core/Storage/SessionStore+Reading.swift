internal import GRDB

extension SessionStore {
    /// A session, or nil if there is none with this id.
    public func session(_ id: String) async throws -> StoredSession? {
        try await connection.read { database in
            try Row.fetchOne(
                database.cachedStatement(sql: "SELECT \(StoredSession.columns) FROM sessions WHERE id = ?"),
                arguments: [id]
            ).map(StoredSession.init(row:))
        }
    }

    /// The sessions that began last, the newest first; 1 to 1000 of them.
    public func recentSessions(limit: Int = 50) async throws -> [StoredSession] {
        try await connection.read { database in
            try Row.fetchAll(
                database.cachedStatement(
                    sql: "SELECT \(StoredSession.columns) FROM sessions ORDER BY created_at DESC, row DESC LIMIT ?"
                ),
                arguments: [limit.clampedToRows]
            ).map(StoredSession.init(row:))
        }
    }

    /// The messages of a session after a place in it, in order; 1 to 1000 of them. An unknown session has none.
    public func messages(
        of session: String,
        after sequence: Int = 0,
        limit: Int = 100
    ) async throws -> [StoredMessage] {
        try await connection.read { database in
            try Row.fetchAll(
                database.cachedStatement(
                    sql: """
                        SELECT \(StoredMessage.columns) FROM messages
                        WHERE session_id = ? AND sequence > ? ORDER BY sequence LIMIT ?
                        """
                ),
                arguments: [session, sequence, limit.clampedToRows]
            ).map(StoredMessage.init(row:))
        }
    }

    /// The turns of a session after a turn, in order; 1 to 1000 of them. An unknown session has none.
    public func turns(of session: String, after turn: Int = 0, limit: Int = 100) async throws -> [StoredTurn] {
        try await connection.read { database in
            try Row.fetchAll(
                database.cachedStatement(
                    sql: "SELECT * FROM turns WHERE session_id = ? AND turn > ? ORDER BY turn LIMIT ?"
                ),
                arguments: [session, turn, limit.clampedToRows]
            ).map(StoredTurn.init(row:))
        }
    }
}

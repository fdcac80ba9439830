public import Foundation
internal import GRDB

extension SessionStore {
    /// Deletes sessions that are no longer to be kept, with all that was said in them, and returns how many.
    ///
    /// Deleted are sessions that ended (or, if they never did, began) before `cutoff`, and of the ended ones all but the
    /// newest `keepSessions`; nil sets no limit. It goes in small writes, between which others have their turn;
    /// cancelling stops it between two.
    @discardableResult
    public func prune(olderThan cutoff: Date?, keepSessions: Int? = nil) async throws -> Int {
        var deleted = 0
        if let cutoff {
            deleted += try await deleteInBatches(
                "SELECT id FROM sessions WHERE coalesce(ended_at, created_at) < ? LIMIT ?",
                arguments: [cutoff.milliseconds, Self.batch.sessions]
            )
        }
        if let keepSessions {
            deleted += try await deleteInBatches(
                """
                SELECT id FROM sessions WHERE ended_at IS NOT NULL ORDER BY created_at DESC, row DESC LIMIT ? OFFSET ?
                """,
                arguments: [Self.batch.sessions, max(0, keepSessions)]
            )
        }
        return deleted
    }

    /// What one write deletes at most; a session that has more messages goes alone.
    private static let batch = (sessions: 100, messages: 5000)

    private func deleteInBatches(_ candidates: String, arguments: StatementArguments) async throws -> Int {
        var total = 0
        while true {
            try Task.checkCancellation()
            let deleted = try await connection.write { try Self.deleteBatch(candidates, arguments, from: $0) }
            guard deleted > 0 else { return total }
            total += deleted
        }
    }

    private static func deleteBatch(
        _ candidates: String,
        _ arguments: StatementArguments,
        from database: Database
    ) throws -> Int {
        let sessions = try String.fetchAll(database, sql: candidates, arguments: arguments)
        let size = try database.cachedStatement(sql: "SELECT max(sequence) FROM messages WHERE session_id = ?")
        let delete = try database.cachedStatement(sql: "DELETE FROM sessions WHERE id = ?")
        var messages = 0
        var deleted = 0
        for session in sessions {
            messages += try Int.fetchOne(size, arguments: [session]) ?? 0
            if deleted > 0, messages > batch.messages { break }
            try delete.execute(arguments: [session])
            deleted += 1
        }
        return deleted
    }
}

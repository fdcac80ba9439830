public import Foundation
internal import GRDB

/// A conversation, as it is stored.
public struct StoredSession: Sendable, Equatable, Identifiable {
    /// Its name, which cannot be guessed unless the caller chose it.
    public let id: String
    /// When it began, to the millisecond.
    public let createdAt: Date
    /// When it ended; nil while it is live, and after a crash.
    public var endedAt: Date?
    /// The API through which it was opened.
    public var api: String
    /// What the user is called.
    public var userName: String?
    /// The language spoken, a BCP 47 tag.
    public var language: String
    /// A JSON object of the application's.
    public var metadata: String
    /// How it ended, in one word.
    public var outcome: String?
}

extension StoredSession {
    static let columns = "id, created_at, ended_at, api, user_name, language, metadata, outcome"

    init(row: Row) {
        id = row["id"]
        createdAt = Date(milliseconds: row["created_at"])
        endedAt = (row["ended_at"] as Int64?).map(Date.init(milliseconds:))
        api = row["api"]
        userName = row["user_name"]
        language = row["language"]
        metadata = row["metadata"]
        outcome = row["outcome"]
    }
}

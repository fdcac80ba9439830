public import Foundation
internal import GRDB

/// What is known of an API key. The key itself is not stored.
public struct APIKeyRecord: Sendable, Equatable, Identifiable {
    /// Its name for programs.
    public let id: String
    /// Its name for people.
    public let name: String
    /// How the key begins, which is enough to recognise it and not enough to use it.
    public let prefix: String
    /// What it may be used for.
    public let scopes: [String]
    /// When it was made, to the millisecond.
    public let createdAt: Date
    /// When it stops being valid, to the millisecond; nil if it never does.
    public internal(set) var expiresAt: Date?
    /// When it was used last, to the minute; nil if it never was.
    public internal(set) var lastUsedAt: Date?
    /// When it was revoked; nil while it is valid.
    public internal(set) var revokedAt: Date?

    /// Whether it is accepted at `now`: neither revoked nor expired.
    public func isValid(at now: Date = Date()) -> Bool {
        revokedAt == nil && expiresAt.map { now < $0 } ?? true
    }
}

extension APIKeyRecord {
    static let columns = "id, name, prefix, scopes, created_at, expires_at, last_used_at, revoked_at"

    init(row: Row) throws {
        id = row["id"]
        name = row["name"]
        prefix = row["prefix"]
        scopes = try JSONDecoder().decode([String].self, from: Data((row["scopes"] as String).utf8))
        createdAt = Date(milliseconds: row["created_at"])
        expiresAt = (row["expires_at"] as Int64?).map(Date.init(milliseconds:))
        lastUsedAt = (row["last_used_at"] as Int64?).map(Date.init(milliseconds:))
        revokedAt = (row["revoked_at"] as Int64?).map(Date.init(milliseconds:))
    }
}

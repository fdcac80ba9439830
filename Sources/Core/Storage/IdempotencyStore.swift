public import Foundation
internal import GRDB

/// Answers to requests that a client may repeat, each kept under a key until it expires.
///
/// At most 100,000 are kept; beyond that the oldest goes.
public struct IdempotencyStore: Sendable {
    let connection: StoreConnection

    /// The answer kept under `key` (1 to 256 bytes), or nil if there is none that is still valid.
    public func response(for key: String, at now: Date = Date()) async throws -> Data? {
        try Self.validate(key)
        return try await connection.read { try Self.response(for: key, at: now, in: $0) }
    }

    /// Keeps an answer (at most 1 MiB) under `key` for `lifetime`, and returns the answer that is kept: of two that
    /// compete for a key, the first is.
    @discardableResult
    public func remember(
        _ response: Data,
        for key: String,
        lifetime: Duration,
        at now: Date = Date()
    ) async throws -> Data {
        try Self.validate(key)
        try Limits.require(response.count, "response", within: Limits.response, unit: "bytes")
        return try await connection.write { database in
            if let first = try Self.response(for: key, at: now, in: database) { return first }
            let expiry = now.milliseconds + max(.zero, lifetime).milliseconds
            try database.cachedStatement(
                sql: "INSERT OR REPLACE INTO idempotency (key, response, expires_at) VALUES (?, ?, ?)"
            ).execute(arguments: [key, response, expiry])
            // Row numbers only grow, so this leaves no more rows than the limit.
            try database.cachedStatement(
                sql: "DELETE FROM idempotency WHERE row <= (SELECT max(row) FROM idempotency) - ?"
            ).execute(arguments: [Limits.responses])
            return response
        }
    }

    /// Deletes what has expired, and returns how many. It goes in small writes.
    @discardableResult
    public func prune(at now: Date = Date()) async throws -> Int {
        var total = 0
        while true {
            try Task.checkCancellation()
            let deleted = try await connection.write { database in
                try database.cachedStatement(
                    sql: """
                        DELETE FROM idempotency WHERE row IN
                            (SELECT row FROM idempotency WHERE expires_at <= ? LIMIT 1000)
                        """
                ).execute(arguments: [now.milliseconds])
                return database.changesCount
            }
            guard deleted > 0 else { return total }
            total += deleted
        }
    }

    private static func response(for key: String, at now: Date, in database: Database) throws -> Data? {
        try Data.fetchOne(
            database.cachedStatement(sql: "SELECT response FROM idempotency WHERE key = ? AND expires_at > ?"),
            arguments: [key, now.milliseconds]
        )
    }

    private static func validate(_ key: String) throws {
        guard !key.isEmpty else { throw StorageError.invalid(what: "idempotency key", reason: "it is empty") }
        try Limits.require(key, "idempotency key", within: Limits.name)
    }
}

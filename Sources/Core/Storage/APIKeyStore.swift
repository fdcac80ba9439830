public import Foundation
internal import GRDB
internal import Logging
internal import Synchronization

/// The keys that clients present. What is stored is a salted hash of each, so the database does not give them away.
public final class APIKeyStore: Sendable {
    let connection: StoreConnection
    let state: Mutex<State>

    /// What is kept in memory. It changes on the writer's queue only (but for the times of use), so in the order of the
    /// commits.
    struct State: Sendable {
        var table = APIKeyTable()
        /// SQLite's mark of the last commit by another process that the table knows of.
        var version: Int?
        var listeners: [Int: AsyncStream<APIKeyRecord.ID>.Continuation] = [:]
        var nextListener = 0
    }

    init(connection: StoreConnection) async throws {
        self.connection = connection
        state = Mutex(State())
        try await refresh()
    }

    /// Makes a key for `name` (1 to 256 bytes) with at most 40 scopes of 1 to 256 bytes, valid until `expiresAt` (nil:
    /// until it is revoked).
    ///
    /// The result holds the key, which cannot be read again. Throws `StorageError`, for one `alreadyExists` if a valid key has
    /// that name, or if there are 10,000 keys that are not revoked.
    public func add(
        name: String,
        scopes: [String] = [],
        expiresAt: Date? = nil,
        at now: Date = Date()
    ) async throws -> IssuedAPIKey {
        try Self.validate(name: name, scopes: scopes)
        if let expiresAt, expiresAt <= now {
            throw StorageError.invalid(what: "API key", reason: "it would have expired already")
        }
        let key = APIKeySecret.makeKey()
        let secret = APIKeySecret(of: key)
        guard let prefix = APIKeySecret.prefix(of: key) else {
            throw StorageError.invalid(what: "new API key", reason: "it does not have the form of a key")
        }
        let record = APIKeyRecord(
            id: RandomToken.identifier(),
            name: name,
            prefix: prefix,
            scopes: scopes,
            createdAt: now.stored,
            expiresAt: expiresAt?.stored
        )
        let encodedScopes = String(decoding: try JSONEncoder().encode(scopes), as: UTF8.self)
        try await connection.write(afterCommit: { [self] in
            state.withLock { $0.table.insert(APIKeyTable.Entry(record: record, secret: secret)) }
        }) { database in
            let namesakes = """
                SELECT count(*) FROM api_keys
                WHERE name = ? AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?)
                """
            guard try Int.fetchOne(database, sql: namesakes, arguments: [name, now.milliseconds]) == 0 else {
                throw StorageError.alreadyExists(what: "API key", name: name)
            }
            let unrevoked = "SELECT count(*) FROM api_keys WHERE revoked_at IS NULL"
            let count = try Int.fetchOne(database, sql: unrevoked) ?? 0
            try Limits.require(count + 1, "list of API keys", within: Limits.apiKeys, unit: "keys")
            try database.execute(
                sql: """
                    INSERT INTO api_keys (id, name, hash, salt, prefix, created_at, expires_at, scopes)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    record.id, name, Data(secret.hash), Data(secret.salt), prefix, now.milliseconds,
                    expiresAt?.milliseconds, encodedScopes,
                ]
            )
        }
        return IssuedAPIKey(key: key, record: record)
    }

    /// The record of the key that a client presents, or nil if it is not a valid key.
    ///
    /// Answers from memory. The time of use is written down in passing, at most once a minute for each key.
    public func verify(_ presented: String, at now: Date = Date()) -> APIKeyRecord? {
        guard let match = state.withLock({ $0.table.verify(presented, at: now) }) else { return nil }
        if match.isUseToBeStored { storeUse(of: match.record.id, at: now) }
        return match.record
    }

    /// The record of the key with this id, or nil if there is none that is valid at `now`. Answers from memory.
    public func validKey(_ id: APIKeyRecord.ID, at now: Date = Date()) -> APIKeyRecord? {
        state.withLock { $0.table.record(id, at: now) }
    }

    /// The keys that were made last, the newest first, revoked ones included; 1 to 1000 of them.
    public func list(limit: Int = 1000) async throws -> [APIKeyRecord] {
        try await connection.read { database in
            let sql = "SELECT \(APIKeyRecord.columns) FROM api_keys ORDER BY created_at DESC, rowid DESC LIMIT ?"
            return try Row.fetchAll(database, sql: sql, arguments: [limit.clampedToRows]).map(APIKeyRecord.init(row:))
        }
    }

    /// The keys that are valid at `now` and were made last, the newest first; 1 to 1000 of them.
    public func valid(limit: Int = 1000, at now: Date = Date()) async throws -> [APIKeyRecord] {
        try await connection.read { database in
            let sql = """
                SELECT \(APIKeyRecord.columns) FROM api_keys
                WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?)
                ORDER BY created_at DESC, rowid DESC LIMIT ?
                """
            return try Row.fetchAll(database, sql: sql, arguments: [now.milliseconds, limit.clampedToRows])
                .map(APIKeyRecord.init(row:))
        }
    }

    /// Revokes the key with this id, prefix or name: once this returns, this store does not accept it any more, and another
    /// process that watches hears of it. A key that is revoked already stays so.
    ///
    /// Throws `StorageError.unknown` if there is no such key, and `invalid` if several keys are meant.
    @discardableResult
    public func revoke(_ idOrPrefix: String, at now: Date = Date()) async throws -> APIKeyRecord {
        try await connection.write(afterCommit: { [self] record in
            change { state in state.table.remove(record.id) ? [record.id] : [] }
        }) { database in
            // A beginning is often pasted as lists show it, with an ellipsis.
            let given = idOrPrefix.hasSuffix("…") ? String(idOrPrefix.dropLast()) : idOrPrefix
            let sql = """
                SELECT \(APIKeyRecord.columns) FROM api_keys
                WHERE id = ?1 OR prefix = ?1 OR (name = ?1 AND revoked_at IS NULL) LIMIT 2
                """
            let found = try Row.fetchAll(database, sql: sql, arguments: [given]).map(APIKeyRecord.init(row:))
            guard var record = found.first else { throw StorageError.unknown(what: "API key", name: idOrPrefix) }
            guard found.count == 1 else {
                throw StorageError.invalid(
                    what: "revocation",
                    reason:
                        "several keys are called or begin so; give the beginning or id of one, or revoke all of that name"
                )
            }
            guard record.revokedAt == nil else { return record }
            record.revokedAt = now.stored
            try database.execute(
                sql: "UPDATE api_keys SET revoked_at = ? WHERE id = ?",
                arguments: [now.milliseconds, record.id]
            )
            return record
        }
    }

    /// Revokes all keys of a name, as `revoke` does one, and returns them. Throws `StorageError.unknown` if there is none that
    /// is not revoked already.
    @discardableResult
    public func revokeAll(named name: String, at now: Date = Date()) async throws -> [APIKeyRecord] {
        try await connection.write(afterCommit: { [self] records in
            change { state in records.map(\.id).filter { state.table.remove($0) } }
        }) { database in
            let sql = "SELECT \(APIKeyRecord.columns) FROM api_keys WHERE name = ? AND revoked_at IS NULL"
            var found = try Row.fetchAll(database, sql: sql, arguments: [name]).map(APIKeyRecord.init(row:))
            guard !found.isEmpty else { throw StorageError.unknown(what: "API key", name: name) }
            for index in found.indices { found[index].revokedAt = now.stored }
            try database.execute(
                sql: "UPDATE api_keys SET revoked_at = ? WHERE name = ? AND revoked_at IS NULL",
                arguments: [now.milliseconds, name]
            )
            return found
        }
    }

    private func storeUse(of id: APIKeyRecord.ID, at now: Date) {
        let logger = connection.logger
        connection.commits.submit { database in
            try database.execute(
                sql: "UPDATE api_keys SET last_used_at = ? WHERE id = ?",
                arguments: [now.milliseconds, id]
            )
        } failed: { error in
            logger.warning(
                "The use of an API key was not written down",
                metadata: ["key": "\(id)", "error": "\(error)"]
            )
        }
    }

    private static func validate(name: String, scopes: [String]) throws {
        guard !name.isEmpty else { throw StorageError.invalid(what: "API key", reason: "it has no name") }
        try Limits.require(name, "name of the API key", within: Limits.name)
        try Limits.require(scopes.count, "API key", within: Limits.scopes, unit: "scopes")
        for scope in scopes {
            guard !scope.isEmpty else { throw StorageError.invalid(what: "API key", reason: "a scope is empty") }
            try Limits.require(scope, "scope", within: Limits.name)
        }
    }
}

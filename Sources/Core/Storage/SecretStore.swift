public import Foundation
internal import GRDB

/// Secrets that the server makes for itself, such as the one that signs tokens. They are in the database as they are,
/// which only its owner may read; a backup holds them too.
public struct SecretStore: Sendable {
    let connection: StoreConnection

    /// The 32 random bytes kept under `name` (1 to 256 bytes), made if there are none yet.
    ///
    /// Of several processes that ask at once, all get the same. Throws `StorageError`.
    public func secret(_ name: String, at now: Date = Date()) async throws -> StoredSecret {
        guard !name.isEmpty else { throw StorageError.invalid(what: "secret", reason: "it has no name") }
        try Limits.require(name, "name of the secret", within: Limits.name)
        return try await connection.write { database in
            let found = try Data.fetchOne(database, sql: "SELECT value FROM secrets WHERE name = ?", arguments: [name])
            if let found {
                guard found.count == StoredSecret.length else {
                    throw StorageError.invalid(what: "secret", reason: "the stored one has \(found.count) bytes")
                }
                return StoredSecret(bytes: Array(found))
            }
            let secret = StoredSecret(bytes: RandomToken.bytes(StoredSecret.length))
            try database.execute(
                sql: "INSERT INTO secrets (name, value, created_at) VALUES (?, ?, ?)",
                arguments: [name, Data(secret.bytes), now.milliseconds]
            )
            return secret
        }
    }
}

public import Logging

/// The API keys and secrets of a database that a server may be using at the same time.
///
/// A server that watches its keys (`APIKeyStore.watch`) sees what is changed here within about a second.
public final class Keyring: Sendable {
    /// The keys that clients present.
    public let apiKeys: APIKeyStore
    /// Secrets of the server's own.
    public let secrets: SecretStore
    private let connection: StoreConnection

    private init(connection: StoreConnection) async throws {
        self.connection = connection
        apiKeys = try await APIKeyStore(connection: connection)
        secrets = SecretStore(connection: connection)
    }

    /// Opens the database: as its owner if it has none, which makes it and brings it up to this version's schema as
    /// `Store.open` does, and otherwise beside its owner.
    ///
    /// Throws what `Store.open` throws; `StorageError.locked` only if the owner is of another version or just starting.
    public static func open(_ configuration: Store.Configuration, logger: Logger) async throws -> Keyring {
        let connection = try await offCooperativePool {
            do {
                return try StoreConnection(configuration, logger: logger)
            } catch let error as StorageError {
                guard case .locked = error, let beside = try StoreConnection(beside: configuration, logger: logger)
                else { throw error }
                return beside
            }
        }
        do {
            return try await Keyring(connection: connection)
        } catch {
            try? await connection.close()
            throw error
        }
    }

    /// Commits what waits and closes the database. Later calls throw `StorageError.closed`; closing again does nothing.
    public func close() async throws {
        try await connection.close()
    }
}

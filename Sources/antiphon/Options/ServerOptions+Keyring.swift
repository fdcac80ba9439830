import Logging
import Settings
import Storage

extension ServerOptions {
    /// Opens the keys of the data for `work` and closes them again; a server may be using the same data.
    func withKeyring<Result: Sendable>(_ work: (Keyring, Settings) async throws -> Result) async throws -> Result {
        let settings = try SettingsOptions.load(sources).settings
        let keyring = try await Keyring.open(
            Store.Configuration(path: settings.storage.path),
            logger: Logger(label: "antiphon")
        )
        do {
            let result = try await work(keyring, settings)
            try await keyring.close()
            return result
        } catch {
            try? await keyring.close()
            throw error
        }
    }
}

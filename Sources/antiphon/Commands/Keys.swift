import ArgumentParser
import Foundation
import Logging
import Settings
import Storage

struct Keys: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make, list and revoke API keys.",
        discussion: "The server that uses the same data must not be running.",
        subcommands: [Add.self, List.self, Revoke.self]
    )

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make a key; it is shown once.")

        @Argument(help: "A name by which you know it.")
        var name: String

        @OptionGroup var server: ServerOptions

        @Flag(help: "Print JSON.")
        var json = false

        func run() async throws {
            let issued = try await server.withStore { try await $0.apiKeys.add(name: name) }
            if json {
                try printJSON(["id": issued.record.id, "name": issued.record.name, "key": issued.key])
            } else {
                print(issued.key)
                Terminal.write("Keep it; it is not shown again. Send it as Authorization: Bearer KEY.\n")
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the keys.")

        @OptionGroup var server: ServerOptions

        @Flag(help: "Print JSON.")
        var json = false

        func run() async throws {
            let keys = try await server.withStore { try await $0.apiKeys.list() }
            if json {
                try printJSON(keys.map(Entry.init))
                return
            }
            if keys.isEmpty { print("There is no key; antiphon keys add NAME makes one.") }
            for key in keys.map(Entry.init) {
                print("\(key.prefix)…  \(key.state)  \(key.name)")
            }
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Revoke a key.")

        @Argument(help: "The key's beginning or its identifier, as antiphon keys list shows them.")
        var key: String

        @OptionGroup var server: ServerOptions

        func run() async throws {
            let record = try await server.withStore { try await $0.apiKeys.revoke(key) }
            print("The key \(record.name) is revoked.")
        }
    }

    private struct Entry: Encodable {
        var id, name, prefix: String
        var created: Date
        var lastUsed, revoked: Date?

        init(_ record: APIKeyRecord) {
            id = record.id
            name = record.name
            prefix = record.prefix
            created = record.createdAt
            lastUsed = record.lastUsedAt
            revoked = record.revokedAt
        }

        var state: String { revoked == nil ? "valid  " : "revoked" }
    }
}

extension ServerOptions {
    /// Opens the store for `work` and closes it again.
    func withStore<Result: Sendable>(_ work: (Store) async throws -> Result) async throws -> Result {
        let path = try SettingsOptions.load(sources).settings.storage.path
        let store = try await Store.open(Store.Configuration(path: path), logger: Logger(label: "antiphon"))
        do {
            let result = try await work(store)
            try await store.close()
            return result
        } catch {
            try? await store.close()
            throw error
        }
    }
}

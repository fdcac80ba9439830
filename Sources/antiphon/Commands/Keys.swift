import ArgumentParser
import Foundation
import Serving
import Storage

struct Keys: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make, list and revoke API keys.",
        discussion: "A server that asks for keys and uses the same data follows within about a second.",
        subcommands: [Add.self, List.self, Revoke.self]
    )

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a key; it is shown once.",
            discussion: """
                Without --scope it is for everything but administration. --publish, --subscribe and --presence limit it to
                topics; with one of them and without --scope it is for those topics and nothing else. What a key is for
                cannot be changed: make another one, and revoke the old one.
                """
        )

        @Argument(help: "A name by which you know it.")
        var name: String

        @OptionGroup var scopes: ScopeOptions
        @OptionGroup var permissions: PermissionOptions

        @Option(help: ArgumentHelp("How long it is valid, such as 30d; for good by default.", valueName: "time"))
        var expires: Lifetime?

        @OptionGroup var server: ServerOptions

        @Flag(help: "Print JSON.")
        var json = false

        func run() async throws {
            let words = scopes.grant(with: permissions.permissions).words
            let issued = try await server.withKeyring { keyring, _ in
                do {
                    return try await keyring.apiKeys.add(
                        name: name,
                        scopes: words,
                        expiresAt: expires.map { Date() + $0.duration / .seconds(1) }
                    )
                } catch StorageError.alreadyExists {
                    throw Problem(
                        "There is a key “\(name)” already; choose another name, or revoke that one first "
                            + "(antiphon keys revoke).",
                        status: Problem.failure
                    )
                }
            }
            if json {
                try printJSON(
                    Report(
                        id: issued.record.id,
                        name: issued.record.name,
                        key: issued.key,
                        scopes: words,
                        expires: issued.record.expiresAt?.ISO8601Format()
                    )
                )
            } else {
                print(issued.key)
                Terminal.write(
                    """
                    Keep it; it is not shown again. Send it as Authorization: Bearer KEY. It is for \
                    \(words.joined(separator: ", ")).

                    """
                )
            }
        }

        private struct Report: Encodable {
            var id, name, key: String
            var scopes: [String]
            var expires: String?
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the keys.")

        @OptionGroup var server: ServerOptions

        @Flag(help: "Print JSON.")
        var json = false

        func run() async throws {
            let keys = try await server.withKeyring { keyring, _ in try await keyring.apiKeys.list() }
            if json {
                try printJSON(keys.map(Entry.init))
                return
            }
            if keys.isEmpty { print("There is no key; antiphon keys add NAME makes one.") }
            for key in keys.map(Entry.init) {
                let state = key.state.padding(toLength: 7, withPad: " ", startingAt: 0)
                print((["\(key.prefix)…", state, key.name] + key.details).joined(separator: "  "))
            }
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Revoke a key, and with it the tokens that were made with it."
        )

        @Argument(help: "The key's beginning or name, as antiphon keys list shows them, or its identifier.")
        var key: String

        @Flag(help: "Revoke all keys of this name, expired ones included.")
        var all = false

        @OptionGroup var server: ServerOptions

        func run() async throws {
            let records = try await server.withKeyring { keyring, _ in
                if all { return try await keyring.apiKeys.revokeAll(named: key) }
                return [try await keyring.apiKeys.revoke(key)]
            }
            for record in records { print("The key \(record.name) (\(record.prefix)…) is revoked.") }
        }
    }

    private struct Entry: Encodable {
        var id, name, prefix: String
        /// Scopes and permissions for topics. A key of an older version that was not limited has them all.
        var scopes: [String]
        /// Points in time as ISO 8601 writes them.
        var created: String
        var expires, lastUsed, revoked: String?
        /// `valid`, `expired` or `revoked`.
        var state: String

        init(_ record: APIKeyRecord) {
            id = record.id
            name = record.name
            prefix = record.prefix
            scopes = AccessGrant(stored: record.scopes).words
            created = record.createdAt.ISO8601Format()
            expires = record.expiresAt?.ISO8601Format()
            lastUsed = record.lastUsedAt?.ISO8601Format()
            revoked = record.revokedAt?.ISO8601Format()
            state = record.revokedAt != nil ? "revoked" : record.isValid() ? "valid" : "expired"
        }

        /// What it is limited to.
        var details: [String] {
            [scopes.joined(separator: ",")] + (expires.map { ["until " + $0] } ?? [])
        }
    }
}

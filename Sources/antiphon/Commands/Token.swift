import ArgumentParser
import Events
import Foundation
import Serving
import Settings
import Storage

struct Token: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make a connection token for the topics of the events API.",
        discussion: """
            A token is valid for a short time and can be given to a browser. It may never do more than the API key it is
            made with, which must be for events, and ends with it. Without --publish, --subscribe and --presence it may do
            with topics all that the key may.
            """
    )

    @Option(
        name: [.customLong("key"), .customLong("key-name"), .customLong("key-id")],
        help: ArgumentHelp(
            "The API key's name, beginning or identifier; may be left out if there is one key only.",
            valueName: "key"
        )
    )
    var key: String?

    @Option(help: ArgumentHelp("How long it is valid, such as 10m; auth.token_ttl by default.", valueName: "time"))
    var ttl: Lifetime?

    @Option(help: "A name that others see; that of the key by default.")
    var name: String?

    @OptionGroup var permissions: PermissionOptions
    @OptionGroup var server: ServerOptions

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard (1...100).contains(name?.count ?? 1) else { throw ValidationError("--name has 1 to 100 characters.") }
    }

    func run() async throws {
        let token = try await server.withKeyring { keyring, settings in
            let longest = settings.auth.maxTokenTTL
            let ttl = ttl?.duration ?? min(settings.auth.tokenTTL, longest)
            guard ttl <= longest else {
                throw Problem(
                    "--ttl exceeds auth.max_token_ttl, \(longest.components.seconds) s.",
                    status: Problem.usage
                )
            }
            let record = try await chosenKey(of: keyring)
            let authenticator = try await Authenticator(keys: keyring.apiKeys, secrets: keyring.secrets)
            do {
                return try authenticator.issue(
                    TokenRequest(ttl: ttl, permissions: permissions.permissions, name: name),
                    key: record.id
                )
            } catch let error as TokenError {
                throw Problem(error.description, status: Problem.usage)
            }
        }
        if json {
            try printJSON(
                Report(
                    token: token.text,
                    expires_at: token.expiresAt.ISO8601Format(),
                    expires_in: token.expiresIn,
                    publish: token.permissions.publish.map(\.description),
                    subscribe: token.permissions.subscribe.map(\.description),
                    presence: token.permissions.presence.map(\.description)
                )
            )
        } else {
            print(token.text)
        }
    }

    private func chosenKey(of keyring: Keyring) async throws -> APIKeyRecord {
        let valid = try await keyring.apiKeys.valid()
        let found = key.map { key in valid.filter { [$0.id, $0.prefix, $0.name].contains(key) } } ?? valid
        guard let record = found.first else {
            throw Problem(
                key.map { "There is no valid API key “\($0)”; antiphon keys list shows all." }
                    ?? "A token is made with an API key, and there is none that is valid; antiphon keys add NAME makes one.",
                status: Problem.usage
            )
        }
        guard found.count == 1 else {
            let some = found.prefix(5).map(\.name).joined(separator: ", ") + (found.count > 5 ? ", …" : "")
            throw Problem(
                key.map { "“\($0)” means \(found.count) API keys; name one by its identifier (antiphon keys list)." }
                    ?? "Say with --key NAME which API key the token is made with: \(some).",
                status: Problem.usage
            )
        }
        return record
    }

    /// The token as the server's `POST /auth/token` gives it.
    private struct Report: Encodable {
        var token, expires_at: String
        var expires_in: Int
        var publish, subscribe, presence: [String]
    }
}

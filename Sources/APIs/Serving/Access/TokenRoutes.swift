import Events
import Foundation
import HTTPTypes
import Hummingbird
public import Settings

/// `POST /auth/token`: makes a connection token with the API key of the request.
public struct TokenRoutes: Sendable {
    /// The most patterns of one list in a request.
    static let maximumPatterns = 32

    private let authenticator: Authenticator?
    private let settings: SettingsStore

    /// The routes of a server with this authenticator; nil if it asks nobody for a key.
    public init(authenticator: Authenticator?, settings: SettingsStore) {
        self.authenticator = authenticator
        self.settings = settings
    }

    /// Adds the routes. They need `AccessCheck` before them.
    public func addRoutes(to routes: ListenerRoutes) {
        routes.needing(.events).post("auth/token") { request, context in
            try await token(request, context.identity)
        }
    }

    private func token(_ request: Request, _ identity: Identity) async throws -> Response {
        guard let authenticator else {
            throw APIFailure(
                .conflict,
                .validationFailed,
                "No token is needed: this server asks nobody for an API key; connect without one."
            )
        }
        guard case .apiKey(let key, _) = identity.kind else {
            throw APIFailure(.forbidden, .forbidden, "A connection token is made with an API key; send one.")
        }
        try request.requireJSON()
        let body = try await request.bytes(limit: 64 << 10)
        let wanted = try read(body.isEmpty ? Array("{}".utf8) : body)
        do {
            let issued = try authenticator.issue(wanted, key: key)
            var answer: [String: JSONValue] = [
                "token": .string(issued.text), "expires_at": .string(issued.expiresAt.ISO8601Format()),
                "expires_in": .number(Double(issued.expiresIn)),
            ]
            for action in TopicAction.allCases {
                answer[action.rawValue] = .array(issued.permissions[action].map { .string($0.description) })
            }
            var response = Response(json: .object(answer))
            response.headers[.cacheControl] = "no-store"
            return response
        } catch let error as TokenError {
            throw failure(for: error)
        }
    }

    private func read(_ body: [UInt8]) throws(APIFailure) -> TokenRequest {
        var fields = try FieldReader(json: body)
        let auth = settings.current.auth
        let longest = Int(auth.maxTokenTTL.components.seconds)
        let ttl = fields.integer("ttl", in: 1...max(1, longest))
        let name = fields.string("name", length: 1...100)
        if let name, name.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
            let _: String? = fields.fault("name", "value_error", "Control characters are not allowed.")
        }
        // With one list given, those left out are empty; with none, the token may what the key may.
        var permissions: Permissions?
        for action in TopicAction.allCases {
            guard let patterns = fields.patterns(action.rawValue) else { continue }
            var given = permissions ?? .nothing
            given[action] = patterns
            permissions = given
        }
        fields.refuseOthers(than: ["ttl", "name"] + TopicAction.allCases.map(\.rawValue))
        try fields.check()
        return TokenRequest(
            ttl: ttl.map { .seconds($0) } ?? min(auth.tokenTTL, auth.maxTokenTTL),
            permissions: permissions,
            name: name
        )
    }

    private func failure(for error: TokenError) -> APIFailure {
        switch error {
        case .keyIsGone: .unauthorized(error.description)
        case .allowsNothing, .keyIsNotForEvents: APIFailure(.forbidden, .forbidden, error.description)
        case .tooLong, .lifetimeOutOfRange, .notAToken, .notYetValid, .expired:
            APIFailure(.unprocessableContent, .validationFailed, error.description)
        }
    }
}

extension FieldReader {
    /// A list of topic patterns; nil when absent.
    fileprivate mutating func patterns(_ name: String) -> [TopicPattern]? {
        guard let value = value(name) else { return nil }
        guard case .array(let elements) = value else {
            return fault(name, "list_type", "A list of topic patterns is expected.")
        }
        guard elements.count <= TokenRoutes.maximumPatterns else {
            return fault(name, "too_long", "At most \(TokenRoutes.maximumPatterns) patterns are allowed.")
        }
        var patterns: [TopicPattern] = []
        for element in elements {
            guard case .string(let text) = element else {
                return fault(name, "string_type", "A list of topic patterns is expected.")
            }
            do {
                patterns.append(try TopicPattern(text))
            } catch {
                return fault(name, "value_error", error.description)
            }
        }
        return patterns
    }
}

public import Foundation
import HTTPTypes
public import Storage

/// Tells who a client is by what it shows, and makes connection tokens.
public struct Authenticator: Sendable {
    private let keys: APIKeyStore
    private let signer: TokenSigner

    /// An authenticator that looks keys up in `keys` and signs tokens with a secret of `secrets`. Throws `StorageError`.
    public init(keys: APIKeyStore, secrets: SecretStore) async throws {
        self.keys = keys
        signer = TokenSigner(secret: try await secrets.secret("connection tokens"))
    }

    /// Who presents an API key; nil if it is not valid.
    public func identity(key: String, at now: Date = Date()) -> Identity? {
        keys.verify(key, at: now).map { record in
            Identity(
                .apiKey(id: record.id, name: record.name),
                grant: AccessGrant(stored: record.scopes),
                expiry: record.expiresAt
            )
        }
    }

    /// Who presents a connection token.
    public func identity(token text: String, at now: Date = Date()) throws(TokenError) -> Identity {
        let token = try signer.verify(text, at: now)
        guard let record = keys.validKey(token.key, at: now) else { throw .keyIsGone }
        let own = AccessGrant(stored: record.scopes)
        return Identity(
            .token(id: token.id, name: token.name, key: token.key),
            grant: AccessGrant(
                own.scopes.intersection([.events]),
                topics: token.permissions.restricted(to: own.topics)
            ),
            expiry: record.expiresAt.map { min($0, token.expiresAt) } ?? token.expiresAt
        )
    }

    /// Makes a token with the API key of an id; it allows nothing that the key does not.
    ///
    /// Throws `TokenError`.
    public func issue(_ request: TokenRequest, key id: String, at now: Date = Date()) throws -> IssuedToken {
        guard let record = keys.validKey(id, at: now) else { throw TokenError.keyIsGone }
        guard ConnectionToken.allowedTTL.contains(request.ttl) else { throw TokenError.lifetimeOutOfRange }
        let grant = AccessGrant(stored: record.scopes)
        guard grant.scopes.contains(.events) else { throw TokenError.keyIsNotForEvents }
        let own = grant.topics
        let permissions = request.permissions.map { $0.restricted(to: own) } ?? own
        guard permissions != .nothing else { throw TokenError.allowsNothing }
        let wanted = now + request.ttl / .seconds(1)
        let end = (record.expiresAt.map { min($0, wanted) } ?? wanted).timeIntervalSince1970.rounded(.up)
        let token = ConnectionToken(
            id: UUID().uuidString.lowercased(),
            name: request.name ?? record.name,
            key: id,
            issuedAt: Date(timeIntervalSince1970: now.timeIntervalSince1970.rounded(.down)),
            expiresAt: Date(timeIntervalSince1970: end),
            permissions: permissions
        )
        return IssuedToken(
            text: try signer.sign(token),
            expiresAt: token.expiresAt,
            expiresIn: Int(token.expiresAt.timeIntervalSince(now)),
            permissions: permissions
        )
    }

    /// Who presents `credential`. Throws `APIFailure` (401).
    func identity(of credential: PresentedCredential, at now: Date = Date()) throws(APIFailure) -> Identity {
        switch credential {
        case .key(let key):
            guard let identity = identity(key: key, at: now) else {
                throw .unauthorized("The API key is not valid; it may have been revoked or have expired.")
            }
            return identity
        case .token(let text):
            do {
                return try identity(token: text, at: now)
            } catch {
                throw .unauthorized(error.description)
            }
        case .misplaced:
            throw .unauthorized(
                "Only a connection token may be sent in the address; send an API key in a header, or as the subprotocol "
                    + "bearer.KEY of a WebSocket."
            )
        }
    }
}

extension APIFailure {
    /// A refusal for want of a valid credential.
    static func unauthorized(_ message: String) -> APIFailure {
        var failure = APIFailure(.unauthorized, .unauthorized, message)
        failure.headers[.wwwAuthenticate] = "Bearer"
        return failure
    }
}

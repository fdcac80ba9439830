import Crypto
import Events
import Foundation
import Storage

/// Makes tokens out of what they say and reads them back: JSON Web Tokens, signed with HMAC-SHA256 and nothing else.
struct TokenSigner: Sendable {
    /// The longest token in bytes.
    static let maximumBytes = 4096
    /// How far ahead the clock may have been that said when a token was made.
    static let leeway: TimeInterval = 60

    private static let issuer = "antiphon"
    /// All tokens begin so. It is compared and never read, so no other algorithm can be slipped in.
    private static let header = base64url(Data(#"{"alg":"HS256","typ":"JWT"}"#.utf8))

    private let secret: SymmetricKey

    init(secret: StoredSecret) {
        self.secret = SymmetricKey(data: secret.bytes)
    }

    /// The token as text. Throws `TokenError` if it is too long.
    func sign(_ token: ConnectionToken) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let signed = Self.header + "." + Self.base64url(try encoder.encode(Claims(token)))
        let signature = HMAC<SHA256>.authenticationCode(for: Data(signed.utf8), using: secret)
        let text = signed + "." + Self.base64url(Data(signature))
        guard text.utf8.count <= Self.maximumBytes else { throw TokenError.tooLong(limit: Self.maximumBytes) }
        return text
    }

    /// What a token says, if it was signed with this secret and is valid at `now`.
    func verify(_ text: String, at now: Date) throws(TokenError) -> ConnectionToken {
        guard text.utf8.count <= Self.maximumBytes else { throw .notAToken }
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].elementsEqual(Self.header.utf8),
            let signature = Self.data(parts[2]),
            HMAC<SHA256>.isValidAuthenticationCode(
                signature,
                authenticating: Data(text.utf8.dropLast(parts[2].count + 1)),
                using: secret
            ),
            let payload = Self.data(parts[1]),
            let token = (try? JSONDecoder().decode(Claims.self, from: payload))?.token
        else { throw .notAToken }
        guard token.issuedAt.timeIntervalSince(now) <= Self.leeway else { throw .notYetValid }
        guard now < token.expiresAt else { throw .expired }
        return token
    }

    private static func base64url(_ data: Data) -> String {
        data.base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    /// Nil for anything that `base64url` does not write.
    private static func data(_ text: Substring.UTF8View) -> Data? {
        let plain = String(Substring(text)).replacing("-", with: "+").replacing("_", with: "/")
        let padding = String(repeating: "=", count: (4 - plain.utf8.count % 4) % 4)
        guard let data = Data(base64Encoded: plain + padding), base64url(data).utf8.elementsEqual(text) else {
            return nil
        }
        return data
    }

    /// A token's payload, under the names that are usual in such tokens.
    private struct Claims: Codable {
        var iss, sub, jti, kid: String
        var iat, exp: Int
        var pub, subs, pres: [String]

        init(_ token: ConnectionToken) {
            iss = TokenSigner.issuer
            sub = token.name
            jti = token.id
            kid = token.key
            iat = Int(token.issuedAt.timeIntervalSince1970)
            exp = Int(token.expiresAt.timeIntervalSince1970)
            pub = token.permissions.publish.map(\.description)
            subs = token.permissions.subscribe.map(\.description)
            pres = token.permissions.presence.map(\.description)
        }

        /// Nil if a claim is not as `init` writes it.
        var token: ConnectionToken? {
            let times = 0...253_402_300_799
            guard iss == TokenSigner.issuer, !sub.isEmpty, !jti.isEmpty, !kid.isEmpty, times ~= iat, times ~= exp,
                1...86_401 ~= exp - iat, let publish = patterns(pub), let subscribe = patterns(subs),
                let presence = patterns(pres)
            else { return nil }
            return ConnectionToken(
                id: jti,
                name: sub,
                key: kid,
                issuedAt: Date(timeIntervalSince1970: Double(iat)),
                expiresAt: Date(timeIntervalSince1970: Double(exp)),
                permissions: Permissions(publish: publish, subscribe: subscribe, presence: presence)
            )
        }

        private func patterns(_ texts: [String]) -> [TopicPattern]? {
            try? texts.map { try TopicPattern($0) }
        }
    }
}

extension TokenSigner: CustomStringConvertible, CustomReflectable {
    var description: String { "TokenSigner" }
    /// Nothing of the secret.
    var customMirror: Mirror { Mirror(self, children: [:]) }
}

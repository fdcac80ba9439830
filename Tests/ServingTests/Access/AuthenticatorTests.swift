import Events
import Foundation
import Storage
import Testing

@testable import Serving

@Suite struct AuthenticatorTests {
    private let start = Date(timeIntervalSince1970: 1_700_000_000.25)

    private func withAuthenticator(_ body: (Authenticator, APIKeyStore) async throws -> Void) async throws {
        try await withStore { store in
            try await body(try await Authenticator(keys: store.apiKeys, secrets: store.secrets), store.apiKeys)
        }
    }

    private func permissions(_ scopes: String...) -> Permissions { AccessGrant(stored: scopes).topics }

    @Test func `a key may what its scopes say`() async throws {
        try await withAuthenticator { authenticator, keys in
            let free = try await keys.add(name: "free")
            let limited = try await keys.add(name: "limited", scopes: ["publish:a/*"], expiresAt: start + 60, at: start)
            let first = try #require(authenticator.identity(key: free.key))
            #expect(first.kind == .apiKey(id: free.record.id, name: "free"))
            #expect(first.permissions == .everything && first.expiry == nil)
            #expect(first.credential == free.record.id && first.key == free.record.id && first.name == "free")
            let second = try #require(authenticator.identity(key: limited.key, at: start))
            #expect(second.permissions == permissions("publish:a/*"))
            #expect(second.expiry == limited.record.expiresAt)
            #expect(authenticator.identity(key: limited.key, at: start + 60) == nil)
        }
    }

    @Test func `a token lasts as long as asked, and never longer than its key`() async throws {
        try await withAuthenticator { authenticator, keys in
            let key = try await keys.add(name: "k", expiresAt: start + 100, at: start).record.id
            let issued = try authenticator.issue(TokenRequest(ttl: .seconds(10)), key: key, at: start)
            #expect(issued.expiresIn == 10)
            let identity = try authenticator.identity(token: issued.text, at: start + 9.9)
            #expect(identity.name == "k" && identity.key == key && identity.expiry == issued.expiresAt)
            #expect(throws: TokenError.expired) { try authenticator.identity(token: issued.text, at: start + 11) }
            let long = try authenticator.issue(TokenRequest(ttl: .seconds(1000)), key: key, at: start)
            #expect(try authenticator.identity(token: long.text, at: start + 99).expiry == start + 100)
            #expect(throws: TokenError.keyIsGone) { try authenticator.identity(token: long.text, at: start + 100) }
            for ttl in [Duration.zero, .milliseconds(999), .seconds(-5), .seconds(86_401)] {
                #expect(throws: TokenError.lifetimeOutOfRange) {
                    try authenticator.issue(TokenRequest(ttl: ttl), key: key, at: start)
                }
            }
        }
    }

    @Test func `a token is for events only, and only a key for events makes one`() async throws {
        try await withAuthenticator { authenticator, keys in
            let free = try await keys.add(name: "free").record.id
            let token = try authenticator.issue(TokenRequest(ttl: .seconds(60)), key: free).text
            #expect(try authenticator.identity(token: token).grant == AccessGrant([.events]))
            let speaker = try await keys.add(name: "speaker", scopes: ["speech", "administration"]).record.id
            #expect(throws: TokenError.keyIsNotForEvents) {
                try authenticator.issue(TokenRequest(ttl: .seconds(60)), key: speaker)
            }
        }
    }

    @Test func `a token may what was asked for as far as its key may`() async throws {
        try await withAuthenticator { authenticator, keys in
            let key = try await keys.add(name: "k", scopes: ["publish:a/*", "subscribe:*"]).record.id
            func granted(_ wanted: Permissions?) throws -> Permissions {
                let text = try authenticator.issue(TokenRequest(ttl: .seconds(60), permissions: wanted), key: key).text
                return try authenticator.identity(token: text).permissions
            }
            #expect(try granted(nil) == permissions("publish:a/*", "subscribe:*"))
            #expect(try granted(.everything) == permissions("publish:a/*", "subscribe:*"))
            #expect(try granted(permissions("publish:*", "presence:x")) == permissions("publish:a/*"))
            #expect(try granted(permissions("subscribe:b", "publish:a/c")) == permissions("subscribe:b", "publish:a/c"))
            #expect(throws: TokenError.allowsNothing) { try granted(permissions("publish:b", "presence:*")) }
        }
    }

    @Test func `revoking a key revokes its tokens`() async throws {
        try await withAuthenticator { authenticator, keys in
            let key = try await keys.add(name: "k").record.id
            let other = try await keys.add(name: "other").record.id
            let token = try authenticator.issue(TokenRequest(ttl: .seconds(60)), key: key).text
            let kept = try authenticator.issue(TokenRequest(ttl: .seconds(60), name: "mine"), key: other).text
            try await keys.revoke(key)
            #expect(throws: TokenError.keyIsGone) { try authenticator.identity(token: token) }
            #expect(throws: TokenError.keyIsGone) { try authenticator.issue(TokenRequest(ttl: .seconds(1)), key: key) }
            #expect(try authenticator.identity(token: kept).name == "mine")
        }
    }

    @Test func `a token is not printed`() async throws {
        try await withAuthenticator { authenticator, keys in
            let key = try await keys.add(name: "k").record.id
            let issued = try authenticator.issue(TokenRequest(ttl: .seconds(60)), key: key)
            var dumped = ""
            dump(issued, to: &dumped)
            for text in ["\(issued)", String(reflecting: issued), dumped] { #expect(!text.contains(issued.text)) }
        }
    }
}

import Crypto
import Events
import Foundation
import Storage
import Testing

@testable import Serving

@Suite struct TokenSignerTests {
    private let start = Date(timeIntervalSince1970: 1_700_000_000)

    private func token(seconds: Double = 60, publish: [String] = ["a/*", "caf\u{E9}/~"]) throws -> ConnectionToken {
        ConnectionToken(
            id: "t1",
            name: "Überlay",
            key: "k1",
            issuedAt: start,
            expiresAt: start + seconds,
            permissions: Permissions(publish: try publish.map { try TopicPattern($0) }, presence: [.all])
        )
    }

    private func withSecret(_ body: (StoredSecret) throws -> Void) async throws {
        try await withStore { store in try body(try await store.secrets.secret("test")) }
    }

    private func encoded(_ text: String) -> String {
        Data(text.utf8).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing(
            "=",
            with: ""
        )
    }

    private func signed(_ header: String, _ payload: String, _ secret: StoredSecret) -> String {
        let text = encoded(header) + "." + encoded(payload)
        let code = HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: SymmetricKey(data: secret.bytes))
        return text + "."
            + Data(code).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing(
                "=",
                with: ""
            )
    }

    private let header = #"{"alg":"HS256","typ":"JWT"}"#
    private let payload =
        #"{"exp":1700000060,"iat":1700000000,"iss":"antiphon","jti":"t","kid":"k","pres":[],"pub":["a"],"sub":"n","subs":[]}"#

    @Test func `a token says what it was made of until it expires`() async throws {
        try await withSecret { secret in
            let signer = TokenSigner(secret: secret)
            let text = try signer.sign(try token())
            #expect(text.wholeMatch(of: /[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{43}/) != nil)
            #expect(try signer.verify(text, at: start) == token())
            #expect(try signer.verify(text, at: start + 59.9) == token())
            #expect(throws: TokenError.expired) { try signer.verify(text, at: start + 60) }
            #expect(throws: TokenError.expired) { try signer.verify(text, at: start + 1e9) }
        }
    }

    @Test func `a token may have been made by a clock that is a minute ahead, not more`() async throws {
        try await withSecret { secret in
            let signer = TokenSigner(secret: secret)
            let text = try signer.sign(try token(seconds: 3600))
            #expect(try signer.verify(text, at: start - 60) == token(seconds: 3600))
            #expect(throws: TokenError.notYetValid) { try signer.verify(text, at: start - 61) }
        }
    }

    @Test func `changing any character makes it no token`() async throws {
        try await withSecret { secret in
            let signer = TokenSigner(secret: secret)
            let text = Array(try signer.sign(try token()).utf8)
            for index in text.indices {
                for other in ["A", "B", ".", "=", "\n"].map({ $0.utf8.first ?? 0 }) where other != text[index] {
                    var changed = text
                    changed[index] = other
                    let attempt = String(decoding: changed, as: UTF8.self)
                    #expect(throws: TokenError.notAToken, "\(attempt)") { try signer.verify(attempt, at: start) }
                }
            }
            let whole = String(decoding: text, as: UTF8.self)
            let attempts = [
                "", ".", "..", "...", whole + ".", "." + whole, whole + "=", " " + whole, whole + "A",
                String(whole.dropLast()), String(repeating: "a.", count: 1_000_000),
                String(repeating: "x", count: 5000), "\u{0}", "é.é.é",
            ]
            for attempt in attempts {
                #expect(throws: TokenError.notAToken) { try signer.verify(attempt, at: start) }
            }
        }
    }

    @Test func `another secret's token is not accepted`() async throws {
        try await withStore { store in
            let (one, other) = (try await store.secrets.secret("1"), try await store.secrets.secret("2"))
            let text = try TokenSigner(secret: one).sign(try token())
            #expect(throws: TokenError.notAToken) { try TokenSigner(secret: other).verify(text, at: start) }
        }
    }

    @Test func `no other header is accepted, though it is signed`() async throws {
        try await withSecret { secret in
            let signer = TokenSigner(secret: secret)
            let accepted = try signer.verify(signed(header, payload, secret), at: start)
            #expect(accepted.id == "t")
            for other in [
                #"{"alg":"none","typ":"JWT"}"#, #"{"alg":"HS512","typ":"JWT"}"#, #"{"typ":"JWT","alg":"HS256"}"#,
                #"{"alg":"HS256"}"#, "{}", "",
            ] {
                let text = signed(other, payload, secret)
                #expect(throws: TokenError.notAToken) { try signer.verify(text, at: start) }
            }
            let unsigned = encoded(#"{"alg":"none","typ":"JWT"}"#) + "." + encoded(payload) + "."
            #expect(throws: TokenError.notAToken) { try signer.verify(unsigned, at: start) }
        }
    }

    @Test func `claims that the server does not write are refused, though they are signed`() async throws {
        try await withSecret { secret in
            let signer = TokenSigner(secret: secret)
            for (right, wrong) in [
                (#""exp":1700000060,"#, ""), ("1700000060", "1700000060.5"), ("1700000060", "1800000000"),
                ("1700000060", "1700000000"), ("1700000060", "9223372036854775807"), ("1700000000", "-1"),
                ("1700000000", "1e400"), (#""antiphon""#, #""someone""#), (#""t""#, #""""#), (#""k""#, #""""#),
                (#""k""#, "7"), (#"["a"]"#, #"["a/*/b"]"#), (#"["a"]"#, #""a""#), (#""pres":[],"#, ""),
                (#"{"exp""#, #"["exp""#),
            ] {
                #expect(payload.contains(right))
                let text = signed(header, payload.replacing(right, with: wrong), secret)
                #expect(throws: TokenError.notAToken, "\(wrong)") { try signer.verify(text, at: start) }
            }
            let nested = signed(header, String(repeating: "[", count: 2500), secret)
            #expect(nested.utf8.count <= TokenSigner.maximumBytes)
            #expect(throws: TokenError.notAToken) { try signer.verify(nested, at: start) }
        }
    }

    @Test func `a token that would be too long is not made`() async throws {
        try await withSecret { secret in
            let signer = TokenSigner(secret: secret)
            let long = try token(publish: (10..<30).map { "\($0)" + String(repeating: "x", count: 200) })
            #expect(throws: TokenError.tooLong(limit: 4096)) { try signer.sign(long) }
        }
    }

    @Test func `the secret is not printed`() async throws {
        try await withSecret { secret in
            var dumped = ""
            dump(TokenSigner(secret: secret), to: &dumped)
            #expect(dumped.split(separator: "\n").count == 1)
            #expect("\(TokenSigner(secret: secret))" == "TokenSigner")
        }
    }
}

internal import Crypto
internal import Foundation

/// The secret part of an API key: its form, and the salted hash by which it is recognised.
///
/// A key is 256 random bits, so it cannot be found by trying words, and a fast hash protects it as well as a slow one
/// would: there is no need for the many rounds that passwords need, and a request is not held up by them.
struct APIKeySecret: Sendable {
    static let mark = "ak_"
    private static let length = mark.utf8.count + 43
    private static let prefixLength = mark.utf8.count + 8

    let salt: [UInt8]
    let hash: [UInt8]

    init(salt: [UInt8], hash: [UInt8]) {
        self.salt = salt
        self.hash = hash
    }

    /// What to store of `key`, with a new salt.
    init(of key: String) {
        let salt = RandomToken.bytes(16)
        self.init(salt: salt, hash: Array(Self.digest(of: key, salt: salt)))
    }

    /// A new key.
    static func makeKey() -> String { mark + RandomToken.secret() }

    /// The part by which a key is looked up; nil if `key` does not have the form of a key.
    static func prefix(of key: String) -> String? {
        // The length first: nothing else is done with a presented text that is too long to be a key.
        guard key.utf8.count == length, key.hasPrefix(mark) else { return nil }
        return String(decoding: key.utf8.prefix(prefixLength), as: UTF8.self)
    }

    /// Whether this is the secret of `key`. Takes the same time whatever the answer: a digest compares that way.
    func matches(_ key: String) -> Bool {
        Self.digest(of: key, salt: salt) == hash
    }

    private static func digest(of key: String, salt: [UInt8]) -> SHA256Digest {
        var hasher = SHA256()
        hasher.update(data: salt)
        hasher.update(data: Array(key.utf8))
        return hasher.finalize()
    }
}

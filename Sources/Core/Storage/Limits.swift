internal import Foundation

/// How much of a thing is stored. Beyond it, `StorageError.tooLarge` is thrown.
enum Limits {
    /// Bytes of a message's or turn's text.
    static let text = 256 << 10
    /// Bytes of a session's metadata.
    static let metadata = 16 << 10
    /// Bytes of a short field: a name, an outcome, a responder.
    static let name = 256
    /// Messages, and turns, of one session.
    static let messagesPerSession = 100_000
    /// Handovers of one turn.
    static let handovers = 32
    /// Rows that one read returns.
    static let rows = 1...1000
    /// Bytes of a remembered response.
    static let response = 1 << 20
    /// Remembered responses.
    static let responses = 100_000
    /// API keys, revoked ones included.
    static let apiKeys = 10_000
    /// Scopes of an API key.
    static let scopes = 40

    /// Throws if `text` has more than `limit` bytes.
    static func require(_ text: String, _ what: String, within limit: Int) throws {
        let size = text.utf8.count
        guard size <= limit else { throw StorageError.tooLarge(what: what, size: size, limit: limit, unit: "bytes") }
    }

    /// Throws if there are more than `limit` of something.
    static func require(_ count: Int, _ what: String, within limit: Int, unit: String) throws {
        guard count <= limit else { throw StorageError.tooLarge(what: what, size: count, limit: limit, unit: unit) }
    }
}

extension Int {
    /// The number of rows to read when this many are asked for.
    var clampedToRows: Int { Swift.min(Swift.max(self, Limits.rows.lowerBound), Limits.rows.upperBound) }
}

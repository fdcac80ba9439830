/// A place in a topic's history.
public struct Position: Hashable, Sendable {
    /// The largest offset, the largest whole number that every JSON reader keeps exact.
    public static let maximumOffset: UInt64 = 1 << 53 - 1

    /// The life of the history: a topic whose numbering starts anew has another epoch.
    public let epoch: String
    /// The number of the last publication; the first has 1, and 0 means nothing was published yet.
    public let offset: UInt64

    /// A place; offsets of two epochs cannot be compared.
    public init(epoch: String, offset: UInt64) {
        self.epoch = epoch
        self.offset = offset
    }

    /// A new epoch: 12 characters, 60 random bits.
    public static func randomEpoch() -> String {
        let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)
        var bits = UInt64.random(in: .min ... .max)
        let characters = (0..<12).map { _ in
            defer { bits >>= 5 }
            return alphabet[Int(bits & 31)]
        }
        return String(decoding: characters, as: UTF8.self)
    }
}

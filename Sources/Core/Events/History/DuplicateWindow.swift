internal import DequeModule

/// Remembers which idempotency keys were used and where their publications stand, up to a number of keys and an age.
public struct DuplicateWindow: Sendable {
    private struct Entry: Sendable {
        let key: ExactText
        let time: ContinuousClock.Instant
    }

    private let limit: Int
    private let age: Duration
    private var positions: [ExactText: Position] = [:]
    private var entries: Deque<Entry> = []

    /// About how many bytes of memory the keys take.
    public private(set) var bytes = 0

    /// A window over at most `limit` keys, each remembered for `age`.
    public init(limit: Int = 1024, age: Duration = .seconds(300)) {
        self.limit = max(0, limit)
        self.age = age
    }

    /// How many keys are remembered.
    public var count: Int { entries.count }

    /// Where the publication with this key stands, nil when the key is new or forgotten.
    public mutating func position(of key: String, now: ContinuousClock.Instant) -> Position? {
        trim(now: now)
        return positions[ExactText(text: key)]
    }

    /// Remembers a key from `now` on, if it is not in the window; the oldest gives way when the window is full.
    public mutating func remember(_ key: String, at position: Position, now: ContinuousClock.Instant) {
        trim(now: now)
        let key = ExactText(text: key)
        guard limit > 0, positions.updateValue(position, forKey: key) == nil else { return }
        entries.append(Entry(key: key, time: now))
        bytes += Self.size(of: key)
        if entries.count > limit { removeOldest() }
    }

    /// How many more bytes a new key takes.
    func growth(with key: String) -> Int { count < limit ? Self.size(of: ExactText(text: key)) : 0 }

    /// Forgets the keys that are too old.
    public mutating func trim(now: ContinuousClock.Instant) {
        while let oldest = entries.first, now - oldest.time >= age { removeOldest() }
    }

    /// Forgets the oldest key; false when there is none.
    @discardableResult
    mutating func removeOldest() -> Bool {
        guard let oldest = entries.popFirst() else { return false }
        positions[oldest.key] = nil
        bytes -= Self.size(of: oldest.key)
        return true
    }

    /// The key is stored once and referred to from both collections.
    private static func size(of key: ExactText) -> Int { key.text.utf8.count + 128 }
}

/// The rate limits of many senders, each by its key.
///
/// A sender is forgotten when its limit is as if it had never sent anything. There is room for so many; those beyond them
/// share one limit until there is room again. Times are as with `RateLimit`.
public struct RateTable<Key: Hashable & Sendable>: Sendable {
    /// How often those are looked for that can be forgotten, in nanoseconds.
    private static var sweepInterval: Int64 { 1_000_000_000 }

    /// What each may send in a second.
    public let rates: RateLimit.Rates
    private let capacity: Int
    private var limits: [Key: RateLimit] = [:]
    private var others: RateLimit
    private var nextSweep: Int64

    /// A table without senders at `now`, with room for `capacity` of them (at least 1).
    public init(_ rates: RateLimit.Rates, capacity: Int, now: Int64) {
        self.rates = rates
        self.capacity = max(1, capacity)
        others = RateLimit(rates, now: now)
        nextSweep = now + Self.sweepInterval
    }

    /// The senders that are remembered.
    public var count: Int { limits.count }

    /// Asks for `key` to send so many messages with so many bytes in all at `now`.
    public mutating func take(messages: Int, bytes: Int, of key: Key, at now: Int64) -> RateLimit.Verdict {
        withLimit(of: key, at: now) { $0.take(messages: messages, bytes: bytes, at: now) }
    }

    /// Counts for `key` so many messages with so many bytes in all that come at `now`; how long they have to wait.
    public mutating func reserve(messages: Int, bytes: Int, of key: Key, at now: Int64) -> Duration {
        withLimit(of: key, at: now) { $0.reserve(messages: messages, bytes: bytes, at: now) }
    }

    private mutating func withLimit<Result>(
        of key: Key,
        at now: Int64,
        _ body: (inout RateLimit) -> Result
    ) -> Result {
        if limits[key] == nil {
            sweep(at: now)
            guard limits.count < capacity else { return body(&others) }
        }
        return body(&limits[key, default: RateLimit(rates, now: now)])
    }

    /// Forgets those that make no difference; not at every newcomer, for it looks at all of them.
    private mutating func sweep(at now: Int64) {
        guard now >= nextSweep else { return }
        nextSweep = now + Self.sweepInterval
        limits = limits.filter { !$0.value.isFresh(at: now) }
    }
}

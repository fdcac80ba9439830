/// Who has taken how much of a bounded room, and when a refused taker may come back.
struct ByteLedger<ID: Hashable & Sendable>: Sendable {
    private struct Share {
        var count = 0
        let begin: ContinuousClock.Instant
    }

    private let limit: Int
    private var shares: [ID: Share] = [:]
    private var times = HoldingTimes()
    /// How many bytes are taken.
    private(set) var taken = 0

    /// Room for `limit` bytes.
    init(limit: Int) {
        self.limit = limit
    }

    /// Takes `count` bytes more for `id`. Returns nil, or how long it may be until there is room for them.
    mutating func take(_ count: Int, for id: ID, at now: ContinuousClock.Instant) -> Duration? {
        guard taken + count <= limit else {
            let missing = taken + count - limit
            // Of average shares.
            let departures = taken > 0 ? (missing * shares.count + taken - 1) / taken : 1
            return times.wait(for: max(1, departures), held: shares.values.map { now - $0.begin })
        }
        taken += count
        shares[id, default: Share(begin: now)].count += count
        return nil
    }

    /// Gives back what `id` has taken.
    mutating func giveBack(_ id: ID, at now: ContinuousClock.Instant) {
        guard let share = shares.removeValue(forKey: id) else { return }
        taken -= share.count
        times.ended(after: now - share.begin)
    }
}

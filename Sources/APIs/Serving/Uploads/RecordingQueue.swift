/// Whose recording is decoded, who waits for that, and how much memory the sound takes.
///
/// Turns come in the order of arrival, a few at a time. Memory is counted by the sound that is there, as it grows, until
/// the recording has left. Of those that grow the oldest goes first, and what it may still need is kept free of the
/// others: so it can always be finished as soon as those that are decoded have left, and no two wait for each other. Who
/// needs more than is free waits, and the younger ones behind it, however little they need.
struct RecordingQueue: Sendable {
    typealias ID = UInt64

    /// What there is to share.
    struct Limits: Sendable {
        /// The bytes of all sound together, at least `largest`.
        var memory: Int
        /// The most bytes that the sound of one recording can take.
        var largest: Int
        /// How many are decoded at a time.
        var decoders: Int
        /// How many may wait for their turn.
        var waiting: Int
    }

    enum Entry: Equatable {
        /// It is the recording's turn.
        case begin
        /// It is when a later call returns the recording's id.
        case wait
        /// Too many wait; their turns, and one more, are likely to have come after this time.
        case refuse(retryAfter: Duration)
    }

    private struct Recording {
        let begin: ContinuousClock.Instant
        /// The bytes of its sound so far.
        var size = 0
        /// The bytes that it waits for.
        var wanted: Int?
    }

    private let limits: Limits
    private var waiting: [ID] = []
    private var recordings: [ID: Recording] = [:]
    /// Those that grow, the oldest first.
    private var growing: [ID] = []
    private var decodingTimes = HoldingTimes()
    private var holdingTimes = HoldingTimes()
    /// The bytes of all sound.
    private(set) var taken = 0

    init(limits: Limits) {
        var limits = limits
        limits.memory = max(limits.memory, limits.largest)
        self.limits = limits
    }

    /// A recording arrives.
    mutating func enter(_ id: ID, at now: ContinuousClock.Instant) -> Entry {
        if waiting.isEmpty, hasTurn {
            begin(id, at: now)
            return .begin
        }
        guard waiting.count < limits.waiting else { return .refuse(retryAfter: timeForAll(at: now)) }
        waiting.append(id)
        return .wait
    }

    /// A recording's sound is about to take `count` bytes more, which with the rest are no more than the largest
    /// recording's. False when it has to wait for them, until a later call returns its id.
    mutating func grow(_ id: ID, by count: Int) -> Bool {
        guard mayGrow(id, by: count) else {
            recordings[id]?.wanted = count
            return false
        }
        recordings[id]?.size += count
        taken += count
        return true
    }

    /// A recording has its last byte. Returns who need not wait any longer.
    mutating func decoded(_ id: ID, at now: ContinuousClock.Instant) -> [ID] {
        guard let index = growing.firstIndex(of: id), let recording = recordings[id] else { return [] }
        growing.remove(at: index)
        decodingTimes.ended(after: now - recording.begin)
        return settle(at: now)
    }

    /// A recording leaves, whether it waits, grows or is in use. Returns who need not wait any longer.
    mutating func leave(_ id: ID, at now: ContinuousClock.Instant) -> [ID] {
        waiting.removeAll { $0 == id }
        growing.removeAll { $0 == id }
        if let recording = recordings.removeValue(forKey: id) {
            taken -= recording.size
            holdingTimes.ended(after: now - recording.begin)
        }
        return settle(at: now)
    }

    /// Whether one more may begin. While a recording waits for memory, a new one would only wait behind it.
    private var hasTurn: Bool {
        growing.count < limits.decoders && taken < limits.memory && !growing.contains { recordings[$0]?.wanted != nil }
    }

    private func mayGrow(_ id: ID, by count: Int) -> Bool {
        let free = limits.memory - taken - count
        guard free >= 0 else { return false }
        guard let oldest = growing.first, oldest != id else { return true }
        let isBehindOthers = growing.prefix { $0 != id }.contains { recordings[$0]?.wanted != nil }
        return !isBehindOthers && free >= limits.largest - (recordings[oldest]?.size ?? 0)
    }

    private mutating func begin(_ id: ID, at now: ContinuousClock.Instant) {
        recordings[id] = Recording(begin: now)
        growing.append(id)
    }

    private mutating func settle(at now: ContinuousClock.Instant) -> [ID] {
        var ready: [ID] = []
        for id in growing {
            guard let wanted = recordings[id]?.wanted else { continue }
            recordings[id]?.wanted = nil
            guard grow(id, by: wanted) else { break }
            ready.append(id)
        }
        while hasTurn, let next = waiting.first {
            waiting.removeFirst()
            begin(next, at: now)
            ready.append(next)
        }
        return ready
    }

    /// How long until all that wait now, and one more, have had their turn: by the pace at which memory is given back when
    /// that is what they wait for, else by that of decoding.
    private func timeForAll(at now: ContinuousClock.Instant) -> Duration {
        let count = waiting.count + 1
        if growing.count >= limits.decoders, !growing.contains(where: { recordings[$0]?.wanted != nil }) {
            return decodingTimes.wait(for: count, held: growing.compactMap { recordings[$0].map { now - $0.begin } })
        }
        return holdingTimes.wait(for: count, held: recordings.values.map { now - $0.begin })
    }
}

internal import DequeModule

/// The part of a durable topic's history that only its log holds: memory has let go of it, for want of room. How old it is
/// is known roughly.
struct StoredPast: Sendable {
    /// Everything up to an offset was published at this time or earlier.
    private struct Mark: Sendable {
        let offset: UInt64
        let time: ContinuousClock.Instant
    }

    /// So many marks are kept; more are thinned out.
    private static let maximumMarks = 64

    private var marks: Deque<Mark> = []

    /// Whether memory holds all that the history has.
    var isEmpty: Bool { marks.isEmpty }

    /// Memory lets go of a publication; offsets and times ascend.
    mutating func append(_ offset: UInt64, at time: ContinuousClock.Instant) {
        if marks.count == Self.maximumMarks {
            // Of two neighbours the later one stays: nothing counts as older than it is.
            marks = Deque(stride(from: 1, to: marks.count, by: 2).map { marks[$0] })
        }
        marks.append(Mark(offset: offset, time: time))
    }

    /// Up to which offset everything is as old as `age`; nil when nothing is known to be.
    func outdated(_ age: Duration, now: ContinuousClock.Instant) -> UInt64? {
        marks.last { now - $0.time >= age }?.offset
    }

    /// The history has let go of everything up to an offset.
    mutating func remove(upTo offset: UInt64) {
        while let oldest = marks.first, oldest.offset <= offset { marks.removeFirst() }
    }

    mutating func removeAll() { marks = [] }
}

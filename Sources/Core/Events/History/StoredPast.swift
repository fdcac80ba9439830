internal import DequeModule

/// The part of a durable topic's history that only its log holds: memory has let go of it, for want of room. How old it is
/// is known roughly.
struct StoredPast: Sendable {
    /// Everything up to an offset was published at this time or earlier.
    private struct Mark: Sendable {
        let offset: UInt64
        let time: ContinuousClock.Instant
    }

    /// So many marks are kept at most; then each stands for twice as many publications.
    private static let maximumMarks = 64

    private var marks: Deque<Mark> = []
    /// For so many publications a mark stands at least, but for the last one.
    private var step: UInt64 = 1

    /// Whether memory holds all that the history has.
    var isEmpty: Bool { marks.isEmpty }

    /// Memory lets go of a publication; offsets and times ascend.
    mutating func append(_ offset: UInt64, at time: ContinuousClock.Instant) {
        // A mark moves to the latest of its publications: nothing counts as older than it is.
        if marks.count > 1, marks[marks.count - 1].offset - marks[marks.count - 2].offset < step { marks.removeLast() }
        if marks.count == Self.maximumMarks {
            step *= 2
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
        if marks.isEmpty { step = 1 }
    }

    mutating func removeAll() { (marks, step) = ([], 1) }
}

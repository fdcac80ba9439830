import NIOCore

/// Knows how long to wait before the next try to accept a connection, when the system has no descriptor or memory left
/// for one: 100 ms at first, and twice as long each time, up to a second.
struct AcceptBackoff {
    /// A shortage that is over.
    struct Episode: Equatable {
        /// How often nothing could be accepted.
        var failures: Int
        /// From the first failure to the next connection.
        var duration: TimeAmount
    }

    private static let shortest = TimeAmount.milliseconds(100)
    private static let longest = TimeAmount.seconds(1)

    private var start: NIODeadline?
    private var failures = 0
    private var pause = shortest

    /// Nothing could be accepted. Returns when to try again, and whether this is news.
    mutating func failed(at now: NIODeadline) -> (retry: NIODeadline, isFirst: Bool) {
        defer { pause = min(pause * 2, Self.longest) }
        failures += 1
        guard start == nil else { return (now + pause, false) }
        start = now
        return (now + pause, true)
    }

    /// A connection was accepted. Returns the shortage that is over with it, if there was one.
    mutating func accepted(at now: NIODeadline) -> Episode? {
        guard let start else { return nil }
        defer { self = AcceptBackoff() }
        return Episode(failures: failures, duration: now - start)
    }
}

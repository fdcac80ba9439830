#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A moment of wall time in UTC, to the microsecond, of the years 1 to 9999.
public struct Timestamp: Hashable, Comparable, Sendable {
    /// Microseconds since the beginning of 1970.
    public let microseconds: Int64

    /// A moment; what lies outside the years 1 to 9999 becomes the first or the last of them.
    public init(microseconds: Int64) {
        self.microseconds = min(max(microseconds, Self.first), Self.last)
    }

    /// The time by the system's clock.
    public static var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }

    /// Whether one moment is before the other.
    public static func < (lhs: Timestamp, rhs: Timestamp) -> Bool { lhs.microseconds < rhs.microseconds }

    private static let first: Int64 = -62_135_596_800_000_000
    private static let last: Int64 = 253_402_300_799_999_999
}

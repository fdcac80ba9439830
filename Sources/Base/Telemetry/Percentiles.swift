/// Percentiles of any number of values in bounded memory, each within 2 % of the true one.
///
/// Values from a millionth to a thousand million are kept apart; smaller and larger ones count as these. Each power of
/// two has 32 buckets, so that an empty one takes no memory and a used one about 13 kB.
public struct Percentiles: Sendable, Equatable {
    /// How many values were recorded.
    public private(set) var count = 0
    /// The least value, or nil when there is none.
    public private(set) var minimum: Double?
    /// The greatest value, or nil when there is none.
    public private(set) var maximum: Double?
    private var sum = 0.0
    private var counts: [Int] = []

    /// No values yet.
    public init() {}

    /// The mean of all values, or nil when there is none.
    public var mean: Double? { count > 0 ? sum / Double(count) : nil }
    /// The median, or nil when there is no value.
    public var p50: Double? { value(at: 0.5) }
    /// What 95 % of the values do not exceed, or nil when there is no value.
    public var p95: Double? { value(at: 0.95) }
    /// What 99 % of the values do not exceed, or nil when there is no value.
    public var p99: Double? { value(at: 0.99) }

    /// Records a value. Negative ones count as zero; those that are not finite are left out.
    public mutating func record(_ value: Double) {
        guard value.isFinite else { return }
        let value = max(0, value)
        if counts.isEmpty { counts = Array(repeating: 0, count: Self.bucketCount) }
        counts[Self.bucket(of: value)] += 1
        count += 1
        sum += value
        minimum = min(minimum ?? value, value)
        maximum = max(maximum ?? value, value)
    }

    /// Records a duration in milliseconds.
    public mutating func record(_ duration: Duration) {
        record(duration / .milliseconds(1))
    }

    /// Adds all values of another.
    public mutating func merge(_ other: Percentiles) {
        guard other.count > 0 else { return }
        guard count > 0 else {
            self = other
            return
        }
        for index in counts.indices { counts[index] += other.counts[index] }
        count += other.count
        sum += other.sum
        minimum = [minimum, other.minimum].compactMap(\.self).min()
        maximum = [maximum, other.maximum].compactMap(\.self).max()
    }

    /// The value that a share of all values, from 0 to 1, does not exceed; nil when there is none.
    public func value(at share: Double) -> Double? {
        guard let minimum, let maximum, !share.isNaN else { return nil }
        let rank = max(1, (min(1, max(0, share)) * Double(count)).rounded(.up))
        if rank >= Double(count) { return maximum }
        var seen = 0.0
        for (bucket, count) in counts.enumerated() where count > 0 {
            seen += Double(count)
            if seen >= rank { return min(maximum, max(minimum, Self.middle(of: bucket))) }
        }
        return maximum
    }

    // A bucket is what the upper bits of a floating-point number say: its exponent and five bits of its fraction.
    private static let shift: UInt64 = 52 - 5
    private static let first = (0x1p-20).bitPattern >> shift
    private static let last = (0x1p30).bitPattern >> shift
    private static let bucketCount = Int(last - first) + 1

    private static func bucket(of value: Double) -> Int {
        Int(min(last, max(first, value.bitPattern >> shift)) - first)
    }

    private static func middle(of bucket: Int) -> Double {
        let low = Double(bitPattern: (UInt64(bucket) + first) << shift)
        let high = Double(bitPattern: (UInt64(bucket) + first + 1) << shift)
        return (low + high) / 2
    }
}

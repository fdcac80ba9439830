/// Counts of latencies in buckets whose width grows with the value: every percentile is exact to one part in 128,
/// and recording one allocates nothing.
struct LatencyHistogram {
    private static let bits = 8
    private static let linear = 1 << bits

    private var counts = [UInt64](repeating: 0, count: linear * (64 - bits + 1))
    private(set) var count: UInt64 = 0

    /// Records `nanoseconds`.
    mutating func record(_ nanoseconds: UInt64) {
        counts[Self.bucket(nanoseconds)] += 1
        count += 1
    }

    /// The upper end of the bucket in which `share` (0...1) of all values is reached, in milliseconds.
    func percentile(_ share: Double) -> Double {
        guard count > 0 else { return 0 }
        let rank = max(1, UInt64((share * Double(count)).rounded(.up)))
        var seen: UInt64 = 0
        for (bucket, count) in counts.enumerated() where count > 0 {
            seen += count
            if seen >= rank { return Double(Self.upperEnd(bucket)) / 1_000_000 }
        }
        return 0
    }

    mutating func reset() {
        self = LatencyHistogram()
    }

    private static func bucket(_ value: UInt64) -> Int {
        guard value >= UInt64(linear) else { return Int(value) }
        let shift = UInt64.bitWidth - value.leadingZeroBitCount - bits
        // The highest set bit is in `shift`, so what is shifted lies between half of `linear` and `linear`.
        return linear + (shift - 1) * (linear / 2) + Int(value >> UInt64(shift)) - linear / 2
    }

    private static func upperEnd(_ bucket: Int) -> UInt64 {
        guard bucket >= linear else { return UInt64(bucket) }
        let shift = (bucket - linear) / (linear / 2) + 1
        let value = (bucket - linear) % (linear / 2) + linear / 2
        return ((UInt64(value) + 1) << UInt64(shift)) &- 1
    }
}

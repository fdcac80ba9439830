/// The upper bounds of a histogram's buckets; a last one without bound is always there.
public struct HistogramBuckets: Sendable, Equatable, ExpressibleByArrayLiteral {
    /// The most bounds a histogram has; further ones are left out.
    public static let maximumCount = 64

    /// From one millisecond to one minute, in seconds.
    public static let latency: HistogramBuckets = [
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
    ]

    /// The bounds, finite and rising.
    public let bounds: [Double]

    /// Sorts the bounds and leaves out those that are not finite or not new.
    public init(_ bounds: [Double]) {
        self.bounds = Array(Set(bounds.filter(\.isFinite)).sorted().prefix(Self.maximumCount))
    }

    /// As ``init(_:)``.
    public init(arrayLiteral elements: Double...) {
        self.init(elements)
    }

    /// The place of the first bucket whose bound is not below `value`; `bounds.count` for the one without bound.
    func index(of value: Double) -> Int {
        var low = 0
        var high = bounds.count
        while low < high {
            let middle = (low + high) / 2
            if bounds[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

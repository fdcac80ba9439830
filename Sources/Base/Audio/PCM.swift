/// Mono sound as 32-bit floats, the one form in which audio travels inside the server.
///
/// Samples lie nominally in -1...1. Values outside that range are legal between stages and are clipped on encoding.
public struct PCM: Sendable, Equatable {
    /// The samples, oldest first.
    public var samples: [Float]
    /// Samples per second, in Hz.
    public let sampleRate: Int

    /// Wraps `samples` taken at `sampleRate` Hz.
    public init(_ samples: [Float] = [], sampleRate: Int) {
        precondition(sampleRate > 0, "a sample rate is positive")
        self.samples = samples
        self.sampleRate = sampleRate
    }

    /// Silence of the given length.
    public static func silence(_ duration: Duration, sampleRate: Int) -> PCM {
        PCM([Float](repeating: 0, count: duration.samples(at: sampleRate)), sampleRate: sampleRate)
    }

    /// How long the sound lasts.
    public var duration: Duration { .samples(samples.count, at: sampleRate) }

    /// Whether there is no sample at all.
    public var isEmpty: Bool { samples.isEmpty }

    /// The largest absolute sample, 0 for empty sound.
    public var peak: Float { samples.reduce(0) { max($0, abs($1)) } }

    /// Appends `other`, which must have the same sample rate.
    public mutating func append(_ other: PCM) {
        precondition(other.sampleRate == sampleRate, "sound of two sample rates cannot be joined")
        samples.append(contentsOf: other.samples)
    }

    /// The first `duration` of the sound (all of it when it is shorter).
    public func prefix(_ duration: Duration) -> PCM {
        PCM(Array(samples.prefix(duration.samples(at: sampleRate))), sampleRate: sampleRate)
    }

    /// The sound cut into pieces of at most `duration`; empty for empty sound.
    public func pieces(of duration: Duration) -> [PCM] {
        let size = max(1, duration.samples(at: sampleRate))
        return stride(from: 0, to: samples.count, by: size).map { start in
            PCM(Array(samples[start..<min(start + size, samples.count)]), sampleRate: sampleRate)
        }
    }
}

extension Duration {
    /// The time that `count` samples last at `sampleRate` Hz.
    public static func samples(_ count: Int, at sampleRate: Int) -> Duration {
        let (seconds, rest) = count.quotientAndRemainder(dividingBy: sampleRate)
        return .seconds(seconds) + .nanoseconds(rest * 1_000_000_000 / sampleRate)
    }

    /// The number of samples, rounded to the nearest, that fill this time at `sampleRate` Hz.
    public func samples(at sampleRate: Int) -> Int {
        Int((seconds * Double(sampleRate)).rounded())
    }

    /// This time in seconds.
    public var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }

    /// This time in milliseconds.
    public var milliseconds: Double { seconds * 1000 }
}

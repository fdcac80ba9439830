import CSoxr

/// Changes the sample rate of a stream of mono sound.
///
/// Feed pieces in order to ``process(_:)`` and end with ``finish()``. Over the whole stream `n` samples become
/// `n × to / from`, give or take one. Between equal rates sound passes through untouched.
public final class Resampler {
    /// What the filter is tuned for.
    public enum Quality: Sendable {
        /// Little delay: 10 to 40 ms at speech rates, flat up to 80 % of the smaller Nyquist frequency.
        case live
        /// Fidelity: 40 to 120 ms at speech rates, flat up to 91 % of the smaller Nyquist frequency.
        case high
    }

    /// The rates, in Hz, between which a resampler converts.
    public static let supportedRates = 1000...768_000

    /// The rate of the incoming samples, in Hz.
    public let inputRate: Int
    /// The rate of the outgoing samples, in Hz.
    public let outputRate: Int

    /// Absent when there is nothing to convert.
    private let handle: soxr_t?
    private var isFinished = false

    /// A resampler between two rates in Hz, both in ``supportedRates``.
    public init(from inputRate: Int, to outputRate: Int, quality: Quality = .live) {
        precondition(
            Self.supportedRates.contains(inputRate) && Self.supportedRates.contains(outputRate),
            "a resampler converts between rates of \(Self.supportedRates) Hz"
        )
        self.inputRate = inputRate
        self.outputRate = outputRate
        guard inputRate != outputRate else {
            handle = nil
            return
        }
        var filter = soxr_quality_spec(quality == .live ? UInt(SOXR_16_BITQ) : UInt(SOXR_20_BITQ), 0)
        var runtime = soxr_runtime_spec(1)
        if quality == .live {
            filter.passband_end = 0.8
            // Blocks of 2⁸ samples, the least there is: a block must be full before it is filtered.
            runtime.log2_min_dft_size = 8
        }
        handle = soxr_create(Double(inputRate), Double(outputRate), 1, nil, nil, &filter, &runtime)
        precondition(handle != nil, "between supported rates a resampler can only lack memory")
    }

    deinit {
        if let handle { soxr_delete(handle) }
    }

    /// Takes the next samples and returns those that are ready, which may be none.
    public func process(_ samples: [Float]) -> [Float] {
        guard let handle else { return samples }
        precondition(!isFinished, "a finished resampler takes no more sound")
        guard !samples.isEmpty else { return [] }
        return samples.withUnsafeBufferPointer { convert($0, with: handle) }
    }

    /// Ends the stream and returns the samples still inside. Later calls return nothing.
    public func finish() -> [Float] {
        guard let handle, !isFinished else { return [] }
        isFinished = true
        return convert(UnsafeBufferPointer(start: nil, count: 0), with: handle)
    }

    /// Converts `input`; without a base address this is the end of the stream.
    private func convert(_ input: UnsafeBufferPointer<Float>, with handle: soxr_t) -> [Float] {
        var output: [Float] = []
        var taken = 0
        while true {
            let room = min(max(1024, (input.count - taken) * outputRate / inputRate + 1024), 1 << 20)
            var used = 0
            let piece = [Float](unsafeUninitializedCapacity: room) { buffer, count in
                // The only error there is comes from a failed creation, which was ruled out.
                soxr_process(
                    handle,
                    input.baseAddress.map { $0 + taken },
                    input.count - taken,
                    &used,
                    buffer.baseAddress,
                    room,
                    &count
                )
            }
            taken += used
            output += piece
            if piece.count < room && taken == input.count { return output }
        }
    }
}

extension PCM {
    /// The same sound at another rate, in Hz. Both rates must be in ``Resampler/supportedRates``.
    public func resampled(to sampleRate: Int) -> PCM {
        guard sampleRate != self.sampleRate else { return self }
        let resampler = Resampler(from: self.sampleRate, to: sampleRate, quality: .high)
        return PCM(resampler.process(samples) + resampler.finish(), sampleRate: sampleRate)
    }
}

/// Gathers decoded samples: mixes them to mono, converts their rate and enforces the limits.
struct SampleCollector {
    static let maximumChannels = 32

    /// The rates that can be decoded, in words.
    static var supportedRatesDescription: String {
        "\(Resampler.supportedRates.lowerBound) to \(Resampler.supportedRates.upperBound) Hz"
    }

    private let source: String
    private let limits: AudioDecoder.Limits
    private let outputRate: Int?
    private let willGrow: (_ bytes: Int) throws -> Void
    private var channels = 1
    private var resampler: Resampler?
    private var samples: [Float] = []
    private var frameCount = 0
    private var maximumFrames = 0

    /// - Parameters:
    ///   - outputRate: The rate to convert to, in Hz; nil keeps the source's own.
    ///   - willGrow: Called before so many bytes more are kept, and with 0 while nothing comes; refuses to go on by throwing.
    init(
        source: String,
        limits: AudioDecoder.Limits,
        outputRate: Int?,
        willGrow: @escaping (_ bytes: Int) throws -> Void = { _ in }
    ) throws {
        if let outputRate { try Self.check(rate: outputRate) }
        self.source = source
        self.limits = limits
        self.outputRate = outputRate
        self.willGrow = willGrow
    }

    /// Tells what the samples are like, before the first of them.
    mutating func begin(sampleRate: Int, channels: Int) throws {
        try Self.check(rate: sampleRate)
        guard (1...Self.maximumChannels).contains(channels) else {
            throw AudioError.unsupportedChannels(channels, source: source)
        }
        self.channels = channels
        resampler = Resampler(from: sampleRate, to: outputRate ?? sampleRate, quality: .high)
        // A month is more than any limit and keeps the count of samples far from overflow.
        maximumFrames = min(limits.maximumDuration, .seconds(30 * 86_400)).samples(at: sampleRate)
    }

    /// Asks whether to go on while nothing comes.
    func check() throws { try willGrow(0) }

    /// Adds the next frames, one sample of each channel after the other.
    mutating func append(_ interleaved: UnsafeBufferPointer<Float>) throws {
        guard let resampler else { return }
        let count = interleaved.count / channels
        frameCount += count
        guard frameCount <= maximumFrames else {
            throw AudioError.tooLong(source: source, maximum: limits.maximumDuration)
        }
        let mono = (0..<count).map { frame in
            let first = frame * channels
            if channels == 1 { return interleaved[first].finiteSample }
            // In double precision, where the sum of the largest floats is still finite.
            let sum = interleaved[first..<first + channels].reduce(0.0) { $0 + Double($1.finiteSample) }
            return Float(sum / Double(channels))
        }
        try keep(resampler.process(mono))
    }

    /// The sound. Throws when there is none.
    mutating func finish() throws -> PCM {
        if let resampler { try keep(resampler.finish()) }
        guard let resampler, !samples.isEmpty else { throw AudioError.empty(source: source) }
        return PCM(samples, sampleRate: resampler.outputRate)
    }

    private mutating func keep(_ more: [Float]) throws {
        guard samples.count + more.count <= limits.maximumSamples else {
            throw AudioError.tooLong(
                source: source,
                maximum: .samples(limits.maximumSamples, at: resampler?.outputRate ?? 1)
            )
        }
        try willGrow(more.count * MemoryLayout<Float>.stride)
        // A filter fed with huge values overflows.
        samples += outputRate == nil ? more : more.map(\.finiteSample)
    }

    private static func check(rate: Int) throws {
        guard Resampler.supportedRates.contains(rate) else {
            throw AudioError.unsupportedRate(rate, supported: supportedRatesDescription)
        }
    }
}

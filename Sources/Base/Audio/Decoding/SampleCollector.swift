/// Gathers decoded samples: mixes them to mono, converts their rate and enforces the limits. Programs that follow one
/// another become one sound.
struct SampleCollector {
    static let maximumChannels = 32

    /// The rates that can be decoded, in words.
    static var supportedRatesDescription: String {
        "\(Resampler.supportedRates.lowerBound) to \(Resampler.supportedRates.upperBound) Hz"
    }

    private let source: String
    private let limits: AudioDecoder.Limits
    /// The rate the caller wants, or that of the first program.
    private var outputRate: Int?
    private let highestRate: Int?
    private let willGrow: (_ bytes: Int) throws -> Void
    private var channels = 1
    private var resampler: Resampler?
    private var samples: [Float] = []
    /// The number of the next frame of the program, of those to keep, and how many have been kept.
    private var position = 0
    private var kept = 0..<Int.max
    private var frameCount = 0
    private var maximumFrames = 0
    /// Whether there was sound since a program was announced.
    private(set) var hasSound = false
    /// How long the programs before lasted.
    private var passed: Duration = .zero

    /// - Parameters:
    ///   - outputRate: The rate to convert to, in Hz; nil keeps the source's own.
    ///   - highestRate: The rate to convert to, in Hz, when the source's own is higher and is to be kept otherwise.
    ///   - willGrow: Called before so many bytes more are kept, and with 0 while nothing comes; refuses to go on by throwing.
    init(
        source: String,
        limits: AudioDecoder.Limits,
        outputRate: Int?,
        highestRate: Int? = nil,
        willGrow: @escaping (_ bytes: Int) throws -> Void = { _ in }
    ) throws {
        for rate in [outputRate, highestRate] { if let rate { try Self.check(rate: rate) } }
        self.source = source
        self.limits = limits
        self.outputRate = outputRate
        self.highestRate = highestRate
        self.willGrow = willGrow
    }

    /// Announces another program, of which nobody knows whether it has sound.
    mutating func expectProgram() { hasSound = false }

    /// Tells what the next samples are like, before the first of them and whenever another program begins.
    ///
    /// - Parameter kept: The frames of the program to keep, by their number; what lies around them is no sound but what
    ///   coder and decoder put there.
    mutating func begin(sampleRate: Int, channels: Int, keeping kept: Range<Int> = 0..<Int.max) throws {
        try Self.check(rate: sampleRate)
        guard (1...Self.maximumChannels).contains(channels) else {
            throw AudioError.unsupportedChannels(channels, source: source)
        }
        if let resampler {
            try keep(resampler.finish())
            passed += .samples(frameCount, at: resampler.inputRate)
        }
        self.channels = channels
        self.kept = kept
        position = 0
        frameCount = 0
        let outputRate = self.outputRate ?? min(sampleRate, highestRate ?? sampleRate)
        self.outputRate = outputRate
        resampler = Resampler(from: sampleRate, to: outputRate, quality: .high)
        // A month is more than any limit and keeps the count of samples far from overflow.
        maximumFrames = max(.zero, min(limits.maximumDuration, .seconds(30 * 86_400)) - passed).samples(at: sampleRate)
    }

    /// Asks whether to go on while nothing comes.
    func check() throws { try willGrow(0) }

    /// Adds the next frames, one sample of each channel after the other.
    mutating func append(_ all: UnsafeBufferPointer<Float>) throws {
        guard let resampler else { return }
        let frames = position..<position + all.count / channels
        position = frames.upperBound
        let wanted = frames.clamped(to: kept)
        guard !wanted.isEmpty else { return }
        hasSound = true
        let first = (wanted.lowerBound - frames.lowerBound) * channels
        let interleaved = UnsafeBufferPointer(rebasing: all[first..<first + wanted.count * channels])
        let count = wanted.count
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
        samples += resampler?.inputRate == resampler?.outputRate ? more : more.map(\.finiteSample)
    }

    private static func check(rate: Int) throws {
        guard Resampler.supportedRates.contains(rate) else {
            throw AudioError.unsupportedRate(rate, supported: supportedRatesDescription)
        }
    }
}

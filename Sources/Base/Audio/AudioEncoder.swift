/// Turns a stream of mono samples into bytes of an ``AudioFormat``, resampling on the way when the rates differ.
///
/// Bytes come as early as the format lets them: a header with the first call, then frames or pages as they fill.
/// Samples outside -1...1 and infinities are clipped; NaN becomes silence. An encoder serves one stream: feed it in
/// order to ``encode(_:)`` and end with ``finish()``.
public final class AudioEncoder {
    /// The format of the bytes.
    public let format: AudioFormat
    /// The rate of the encoded sound, in Hz.
    public let sampleRate: Int

    private let resampler: Resampler
    private var encoding: any Encoding
    private var isFinished = false
    private var encodedSamples = 0

    /// An encoder for samples taken at `inputRate` Hz.
    ///
    /// - Parameters:
    ///   - sampleRate: The rate to encode at, in Hz; by default the one that suits `inputRate` best.
    ///   - expectedDuration: How long the sound is, when that is known: a WAV header then states it. Without it the
    ///     header says that the length is unknown. Sound may be shorter than announced, not longer.
    /// - Throws: ``AudioError/unsupportedRate(_:supported:)`` or ``AudioError/encoderFailed(_:reason:)``.
    public convenience init(
        format: AudioFormat,
        inputRate: Int,
        sampleRate: Int? = nil,
        expectedDuration: Duration? = nil
    ) throws {
        let rate = try Self.rate(of: format, for: inputRate, asked: sampleRate)
        try self.init(
            format: format,
            inputRate: inputRate,
            sampleRate: rate,
            extent: .stream(
                expected: expectedDuration.flatMap {
                    (Duration.zero ... .seconds(1_000_000)).contains($0) ? $0.samples(at: rate) : nil
                }
            )
        )
    }

    private init(format: AudioFormat, inputRate: Int, sampleRate: Int, extent: EncodingExtent) throws {
        self.format = format
        self.sampleRate = sampleRate
        resampler = Resampler(from: inputRate, to: sampleRate)
        encoding = try format.encoding(sampleRate: sampleRate, extent: extent)
    }

    /// Takes the next samples and returns the bytes that are ready, which may be none.
    ///
    /// - Throws: ``AudioError/encoderFailed(_:reason:)``, also after ``finish()``.
    public func encode(_ samples: [Float]) throws -> [UInt8] {
        guard !isFinished else { throw AudioError.encoderFailed(format, reason: "the stream has been finished") }
        // Clipped twice, since a filter fed with huge values overflows and its own output may overshoot.
        let samples = resampler.process(samples.map(\.clippedSample))
        encodedSamples += samples.count
        return try encoding.encode(samples.map(\.clippedSample))
    }

    /// Ends the stream and returns the last bytes. Later calls return nothing.
    ///
    /// - Throws: ``AudioError/encoderFailed(_:reason:)``.
    public func finish() throws -> [UInt8] {
        guard !isFinished else { return [] }
        isFinished = true
        let samples = resampler.finish().map(\.clippedSample)
        encodedSamples += samples.count
        return try encoding.encode(samples) + encoding.finish()
    }

    /// The bytes that should stand at the beginning of a file instead of the streamed ones, now that the length is
    /// known; nil where those are right. To be asked for after ``finish()``.
    public var finalHeader: [UInt8]? {
        switch format {
        case .wav: WAVEncoding.header(sampleRate: UInt32(sampleRate), sampleCount: encodedSamples)
        case .flac: (encoding as? FLACEncoding)?.header
        case .mp3, .opus, .aac, .pcm, .mulaw, .alaw: nil
        }
    }

    /// Encodes a sound as a file whose header, in WAV, FLAC and MP3, states the true length.
    ///
    /// - Parameter sampleRate: The rate to encode at, in Hz; by default the one that suits the sound best.
    /// - Throws: ``AudioError/unsupportedRate(_:supported:)`` or ``AudioError/encoderFailed(_:reason:)``.
    public static func encodeWhole(_ pcm: PCM, as format: AudioFormat, sampleRate: Int? = nil) throws -> [UInt8] {
        let rate = try rate(of: format, for: pcm.sampleRate, asked: sampleRate)
        let sound = PCM(pcm.samples.map(\.clippedSample), sampleRate: pcm.sampleRate).resampled(to: rate)
        let encoder = try AudioEncoder(
            format: format,
            inputRate: rate,
            sampleRate: rate,
            extent: .whole(sound.samples.count)
        )
        return try encoder.encode(sound.samples) + encoder.finish()
    }

    private static func rate(of format: AudioFormat, for inputRate: Int, asked: Int?) throws -> Int {
        guard Resampler.supportedRates.contains(inputRate) else {
            throw AudioError.unsupportedRate(inputRate, supported: SampleCollector.supportedRatesDescription)
        }
        let rate = asked ?? format.sampleRate(preferring: inputRate)
        guard format.supports(sampleRate: rate) else {
            throw AudioError.unsupportedRate(
                rate,
                supported: "\(format.supportedRatesDescription) for \(format.rawValue)"
            )
        }
        return rate
    }
}

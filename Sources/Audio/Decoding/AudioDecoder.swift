/// Turns audio files into mono sound.
///
/// The kind is found by content, never by file name: WAV, RF64, AIFF, AU, CAF, FLAC, Ogg (Vorbis, Opus, FLAC) and MP3
/// are decoded by libsndfile; MP4/M4A, WebM/Matroska and AAC by the `ffmpeg` program when it is installed. All channels
/// are averaged into one. What a header says of the length is not believed: a file cut short gives what is there.
///
/// Decoding blocks, for as long as a minute with `ffmpeg`: call it from a thread of its own, neither from an event loop
/// nor from the cooperative thread pool.
public enum AudioDecoder {
    /// What input is refused for.
    public struct Limits: Sendable, Equatable {
        /// The most bytes of input.
        public var maximumBytes: Int
        /// The longest sound.
        public var maximumDuration: Duration
        /// The most samples of mono sound kept in memory, at four bytes each.
        public var maximumSamples: Int

        /// Limits; by default 200 MB and two hours at 48 kHz.
        public init(
            maximumBytes: Int = 200_000_000,
            maximumDuration: Duration = .seconds(7200),
            maximumSamples: Int = 7200 * 48_000
        ) {
            self.maximumBytes = maximumBytes
            self.maximumDuration = maximumDuration
            self.maximumSamples = maximumSamples
        }
    }

    /// Whether the program `ffmpeg` is installed, for the kinds of file that need it.
    public static var hasFFmpeg: Bool { FFmpeg.find() != nil }

    /// Decodes the file at `path`.
    ///
    /// - Parameter sampleRate: The rate to convert to while decoding, in Hz; by default the file's own is kept.
    /// - Throws: ``AudioError``.
    public static func decode(file path: String, limits: Limits = .init(), sampleRate: Int? = nil) throws -> PCM {
        let source = try FileSource(path: path)
        return try decode(source, limits: limits, sampleRate: sampleRate, ffmpeg: .find())
    }

    /// Decodes the content of a file.
    ///
    /// - Parameters:
    ///   - sampleRate: The rate to convert to while decoding, in Hz; by default the file's own is kept.
    ///   - name: What errors call the bytes.
    ///   - willGrow: Called before the decoded sound takes so many bytes more, and with 0 now and then while a program
    ///     decodes without a result; refuses to go on by throwing.
    /// - Throws: ``AudioError``, or what `willGrow` throws.
    public static func decode(
        bytes: [UInt8],
        limits: Limits = .init(),
        sampleRate: Int? = nil,
        name: String = "the audio",
        willGrow: @escaping (_ bytes: Int) throws -> Void = { _ in }
    ) throws -> PCM {
        let source = MemorySource(bytes, name: name)
        return try decode(source, limits: limits, sampleRate: sampleRate, ffmpeg: .find(), willGrow: willGrow)
    }

    /// Decodes samples that have no header. No bytes give no sound; half a sample at the end is left out.
    ///
    /// - Parameters:
    ///   - format: ``AudioFormat/pcm``, ``AudioFormat/mulaw`` or ``AudioFormat/alaw``.
    ///   - sampleRate: The rate the samples were taken at, in Hz.
    /// - Throws: ``AudioError/unsupportedRate(_:supported:)`` or ``AudioError/notRaw(_:)``.
    public static func decode(raw bytes: [UInt8], as format: AudioFormat, sampleRate: Int) throws -> PCM {
        guard Resampler.supportedRates.contains(sampleRate) else {
            throw AudioError.unsupportedRate(sampleRate, supported: SampleCollector.supportedRatesDescription)
        }
        switch format {
        case .pcm: return PCM(PCM16Encoding.decode(bytes), sampleRate: sampleRate)
        case .mulaw: return PCM(G711.mu.decode(bytes), sampleRate: sampleRate)
        case .alaw: return PCM(G711.a.decode(bytes), sampleRate: sampleRate)
        case .wav, .mp3, .opus, .aac, .flac: throw AudioError.notRaw(format)
        }
    }

    static func decode(
        _ source: any ByteSource,
        limits: Limits,
        sampleRate: Int?,
        ffmpeg: @autoclosure () -> FFmpeg?,
        willGrow: @escaping (_ bytes: Int) throws -> Void = { _ in }
    ) throws -> PCM {
        guard source.count > 0 else { throw AudioError.empty(source: source.name) }
        guard source.count <= limits.maximumBytes else {
            throw AudioError.tooLarge(source: source.name, maximumBytes: limits.maximumBytes)
        }
        guard let kind = AudioKind(of: source) else { throw AudioError.notAudio(source: source.name) }
        var collector = try SampleCollector(
            source: source.name,
            limits: limits,
            outputRate: sampleRate,
            willGrow: willGrow
        )
        if let demuxer = kind.demuxer {
            guard let ffmpeg = ffmpeg() else {
                throw AudioError.ffmpegMissing(source: source.name, kind: kind.description)
            }
            try ffmpeg.decode(source, demuxer: demuxer, into: &collector)
        } else {
            try SoundFile.decode(source, into: &collector)
        }
        return try collector.finish()
    }
}

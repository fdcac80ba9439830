/// Turns audio files into mono sound.
///
/// The kind is found by content, never by file name: WAV, RF64, W64, AIFF, AU, CAF, FLAC and Ogg (Vorbis, Opus, FLAC)
/// are decoded by libsndfile, MP3 by libmpg123; MP4/M4A/MOV/3GP, WebM/Matroska, AAC, AMR, WMA, Speex and what
/// uses other codecs by the `ffmpeg` program when it is installed. All channels are averaged into one.
///
/// What a header says of the length is not believed: a file cut short gives what is there, and one whose writer could not
/// go back is read to its end. Files joined one behind the other are one sound, with the rate of the first unless another
/// one is asked for.
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
    ///   - highestRate: The rate to convert to while decoding, in Hz, when the file's own is higher and no `sampleRate` is
    ///     given.
    ///   - name: What errors call the bytes.
    ///   - willGrow: Called before the decoded sound takes so many bytes more, and with 0 now and then while a program
    ///     decodes without a result; refuses to go on by throwing.
    /// - Throws: ``AudioError``, or what `willGrow` throws.
    public static func decode(
        bytes: [UInt8],
        limits: Limits = .init(),
        sampleRate: Int? = nil,
        highestRate: Int? = nil,
        name: String = "the audio",
        willGrow: @escaping (_ bytes: Int) throws -> Void = { _ in }
    ) throws -> PCM {
        let source = MemorySource(bytes, name: name)
        return try decode(
            source,
            limits: limits,
            sampleRate: sampleRate,
            highestRate: highestRate,
            ffmpeg: .find(),
            willGrow: willGrow
        )
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
        highestRate: Int? = nil,
        ffmpeg: @escaping @autoclosure () -> FFmpeg?,
        willGrow: @escaping (_ bytes: Int) throws -> Void = { _ in }
    ) throws -> PCM {
        guard source.count > 0 else { throw AudioError.empty(source: source.name) }
        guard source.count <= limits.maximumBytes else {
            throw AudioError.tooLarge(source: source.name, maximumBytes: limits.maximumBytes)
        }
        var collector = try SampleCollector(
            source: source.name,
            limits: limits,
            outputRate: sampleRate,
            highestRate: highestRate,
            willGrow: willGrow
        )
        var decoding = ProgramDecoding(source: source, ffmpeg: ffmpeg)
        var offset = 0
        while offset < source.count, let program = Program(in: source, at: offset) {
            try collector.check()
            try decoding.decode(program, into: &collector)
            // Never backwards, whatever the content says.
            offset = max(program.end, offset + 1)
        }
        guard offset > 0 else { throw AudioError.notAudio(source: source.name) }
        return try collector.finish()
    }
}

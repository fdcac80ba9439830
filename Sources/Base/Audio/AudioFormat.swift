/// A form in which sound leaves the server, always mono.
public enum AudioFormat: String, Sendable, CaseIterable {
    /// RIFF WAVE with 16-bit samples.
    case wav
    /// MPEG layer III.
    case mp3
    /// Opus in Ogg.
    case opus
    /// AAC-LC in ADTS frames.
    case aac
    /// FLAC with 16-bit samples.
    case flac
    /// 16-bit signed little-endian samples without a header.
    case pcm
    /// G.711 µ-law bytes without a header, 8 kHz.
    case mulaw
    /// G.711 A-law bytes without a header, 8 kHz.
    case alaw

    /// The format called `name` in APIs, file extensions and media types, whatever its case; nil for an unknown name.
    ///
    /// Parameters of a media type (`; rate=8000`) are ignored.
    public init?(name: String) {
        let bare = name.prefix { $0 != ";" }.filter { !$0.isWhitespace }.lowercased()
        guard let format = Self.names[bare] else { return nil }
        self = format
    }

    private static let names: [String: AudioFormat] = [
        "wav": .wav, "wave": .wav, "audio/wav": .wav, "audio/wave": .wav, "audio/x-wav": .wav,
        "audio/vnd.wave": .wav,
        "mp3": .mp3, "mpeg": .mp3, "audio/mpeg": .mp3, "audio/mp3": .mp3,
        "opus": .opus, "ogg": .opus, "oga": .opus, "ogg_opus": .opus, "ogg-opus": .opus, "audio/ogg": .opus,
        "audio/opus": .opus,
        "aac": .aac, "adts": .aac, "audio/aac": .aac, "audio/aacp": .aac, "audio/x-aac": .aac,
        "flac": .flac, "audio/flac": .flac, "audio/x-flac": .flac,
        "pcm": .pcm, "pcm16": .pcm, "pcm_16": .pcm, "pcm_s16le": .pcm, "s16le": .pcm, "s16": .pcm, "raw": .pcm,
        "linear16": .pcm, "audio/pcm": .pcm,
        "mulaw": .mulaw, "mu-law": .mulaw, "mu_law": .mulaw, "µ-law": .mulaw, "μ-law": .mulaw, "ulaw": .mulaw,
        "u-law": .mulaw, "pcmu": .mulaw, "pcm_mulaw": .mulaw, "g711_ulaw": .mulaw, "g711u": .mulaw,
        "audio/pcmu": .mulaw, "audio/basic": .mulaw, "audio/mulaw": .mulaw,
        "alaw": .alaw, "a-law": .alaw, "a_law": .alaw, "pcma": .alaw, "pcm_alaw": .alaw, "g711_alaw": .alaw,
        "g711a": .alaw, "audio/pcma": .alaw, "audio/alaw": .alaw,
    ]

    /// The media type to send with the bytes.
    public var mimeType: String {
        switch self {
        case .wav: "audio/wav"
        case .mp3: "audio/mpeg"
        case .opus: "audio/ogg"
        case .aac: "audio/aac"
        case .flac: "audio/flac"
        case .pcm: "audio/pcm"
        case .mulaw: "audio/PCMU"
        case .alaw: "audio/PCMA"
        }
    }

    /// The usual end of a file name, without the dot.
    public var fileExtension: String {
        switch self {
        case .mulaw: "ulaw"
        default: rawValue
        }
    }
}

extension AudioFormat {
    /// The rates of the formats that are not bound to a list of rates, in Hz.
    private static let anyRate = 8000...192_000

    /// The rates the format can have, in Hz and ascending; nil where any rate of 8000...192000 will do.
    public var supportedSampleRates: [Int]? {
        switch self {
        case .wav, .flac, .pcm: nil
        case .aac: [8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 64000, 88200, 96000]
        case .mp3: [8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000]
        case .opus: [8000, 12000, 16000, 24000, 48000]
        case .mulaw, .alaw: [8000]
        }
    }

    /// Whether the format can have the given rate, in Hz.
    public func supports(sampleRate: Int) -> Bool {
        supportedSampleRates?.contains(sampleRate) ?? Self.anyRate.contains(sampleRate)
    }

    /// The rate, in Hz, that suits sound of rate `preferred` best: that very rate when the format has it, else the next
    /// higher one that loses nothing (Opus: always 48 kHz), else the highest.
    public func sampleRate(preferring preferred: Int) -> Int {
        guard let rates = supportedSampleRates else {
            return min(max(preferred, Self.anyRate.lowerBound), Self.anyRate.upperBound)
        }
        if self == .opus, !rates.contains(preferred) { return 48_000 }
        return rates.first { $0 >= preferred } ?? rates[rates.count - 1]
    }

    /// The supported rates in words.
    var supportedRatesDescription: String {
        supportedSampleRates.map { $0.map(String.init).joined(separator: ", ") + " Hz" }
            ?? "\(Self.anyRate.lowerBound) to \(Self.anyRate.upperBound) Hz"
    }
}

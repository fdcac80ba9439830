/// The work of one format: samples in -1...1 at the format's own rate become bytes.
protocol Encoding {
    /// Takes the next samples and returns the bytes that are ready; the first call returns the header, if any.
    mutating func encode(_ samples: [Float]) throws -> [UInt8]
    /// Ends the stream and returns the last bytes. Called once, after at least one `encode`.
    mutating func finish() throws -> [UInt8]
}

/// What is known of the length before encoding begins.
enum EncodingExtent {
    /// Bytes leave as they are made; perhaps the number of samples is known.
    case stream(expected: Int?)
    /// All of this many samples come before the bytes are looked at, so a header may be mended at the end.
    case whole(Int)
}

extension AudioFormat {
    /// A fresh encoding at a rate, in Hz, that the format supports.
    func encoding(sampleRate: Int, extent: EncodingExtent) throws -> any Encoding {
        switch self {
        case .wav: WAVEncoding(sampleRate: sampleRate, extent: extent)
        case .mp3: try MP3Encoding(sampleRate: sampleRate, extent: extent)
        case .opus: try OpusEncoding(sampleRate: sampleRate)
        case .aac: try AACEncoding(sampleRate: sampleRate)
        case .flac: try FLACEncoding(sampleRate: sampleRate, extent: extent)
        case .pcm: PCM16Encoding()
        case .mulaw: G711Encoding(law: .mu)
        case .alaw: G711Encoding(law: .a)
        }
    }
}

/// A RIFF WAVE header followed by 16-bit samples.
///
/// A length not known beforehand is written as 0xFFFFFFFF, which readers take as "to the end of the stream".
struct WAVEncoding: Encoding {
    private static let headerSize = 44
    private static let unknown = UInt32.max

    private let samples = PCM16Encoding()
    /// Bytes that precede the first sample; emptied once they are out.
    private var header: [UInt8]

    init(sampleRate: Int, extent: EncodingExtent) {
        let count: Int? =
            switch extent {
            case .stream(let expected): expected
            case .whole(let count): count
            }
        header = Self.header(sampleRate: UInt32(sampleRate), sampleCount: count)
    }

    mutating func encode(_ samples: [Float]) -> [UInt8] {
        defer { header = [] }
        return header + self.samples.encode(samples)
    }

    func finish() -> [UInt8] { [] }

    /// The header of a file with so many samples; nil when their number is not known.
    static func header(sampleRate: UInt32, sampleCount: Int?) -> [UInt8] {
        let longest = (Int(UInt32.max) - headerSize) / 2
        let dataSize = sampleCount.flatMap { (0...longest).contains($0) ? UInt32($0 * 2) : nil }
        var bytes: [UInt8] = []
        func text(_ string: String) { bytes += string.utf8 }
        func word(_ value: UInt32) { for shift in [0, 8, 16, 24] { bytes.append(UInt8(value >> shift & 0xFF)) } }
        func half(_ value: UInt16) { for shift in [0, 8] { bytes.append(UInt8(value >> shift & 0xFF)) } }
        text("RIFF")
        word(dataSize.map { $0 + UInt32(headerSize - 8) } ?? unknown)
        text("WAVEfmt ")
        word(16)
        half(1)  // integer PCM
        half(1)  // channel
        word(sampleRate)
        word(sampleRate * 2)  // bytes per second
        half(2)  // bytes per frame
        half(16)  // bits per sample
        text("data")
        word(dataSize ?? unknown)
        return bytes
    }
}

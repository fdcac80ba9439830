/// The header of a frame of MPEG audio (layers I to III) or of AAC in ADTS, which begins a file of either.
///
/// A header is four bytes of which eleven bits are fixed, so that chance makes one often; a kind is therefore believed
/// only when a second frame follows where the first one ends, or the file ends before.
struct MPEGFrame {
    let kind: AudioKind
    /// The bytes of the whole frame.
    let size: Int

    /// The kind of the frames that begin at `offset`, if there are any.
    static func kind(of source: any ByteSource, at offset: Int) -> AudioKind? {
        guard let first = MPEGFrame(source.bytes(at: offset, count: 7)) else { return nil }
        let next = offset + first.size
        if next + 7 > source.count { return first.kind }
        return MPEGFrame(source.bytes(at: next, count: 7))?.kind == first.kind ? first.kind : nil
    }

    init?(_ bytes: [UInt8]) {
        guard bytes.count == 7, bytes[0] == 0xFF, bytes[1] & 0xE0 == 0xE0 else { return nil }
        let layer = 4 - Int(bytes[1] >> 1 & 3)
        if layer == 4 {
            self.init(adts: bytes)
        } else {
            self.init(bytes, layer: layer)
        }
    }

    private init?(adts bytes: [UInt8]) {
        let rateIndex = bytes[2] >> 2 & 0xF
        size = Int(bytes[3] & 3) << 11 | Int(bytes[4]) << 3 | Int(bytes[5] >> 5)
        guard bytes[1] & 0xF0 == 0xF0, rateIndex < 13, size > 7 else { return nil }
        kind = .aac
    }

    private init?(_ bytes: [UInt8], layer: Int) {
        let version = Int(bytes[1] >> 3 & 3)  // 0 is MPEG 2.5, 1 reserved, 2 is MPEG 2, 3 is MPEG 1
        let bitRateIndex = Int(bytes[2] >> 4)
        let rateIndex = Int(bytes[2] >> 2 & 3)
        guard version != 1, (1...14).contains(bitRateIndex), rateIndex < 3 else { return nil }
        let row = version == 3 ? layer - 1 : layer == 1 ? 3 : 4
        let bitRate = Self.kilobits[row][bitRateIndex - 1] * 1000
        let sampleRate = [44_100, 48_000, 32_000][rateIndex] / (version == 3 ? 1 : version == 2 ? 2 : 4)
        let padding = Int(bytes[2] >> 1 & 1)
        size =
            switch layer {
            case 1: (12 * bitRate / sampleRate + padding) * 4
            case 3 where version != 3: 72 * bitRate / sampleRate + padding
            default: 144 * bitRate / sampleRate + padding
            }
        kind = .mp3
    }

    /// Bit rates in kbit/s: layers I, II and III of MPEG 1, then layer I and layers II and III of MPEG 2.
    private static let kilobits = [
        [32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
        [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
        [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
        [32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
        [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
    ]
}

/// The header of a frame of MPEG audio (layers I to III) or of AAC in ADTS, which begins a file of either.
///
/// A header is four bytes of which eleven bits are fixed, so that chance makes one often; a kind is therefore believed
/// only when a second frame follows where the first one ends, or the file ends before.
struct MPEGFrame {
    /// What all frames of one sound have in common.
    struct Format: Equatable {
        let kind: AudioKind
        /// The layer, 1 to 3; 4 for AAC.
        let layer: Int
        /// The bits of the header that say which version of the standard it is.
        let version: Int
        let sampleRate: Int
        /// One or two channels; with AAC the number in its header.
        let channels: Int
    }

    let format: Format
    /// The bytes of the whole frame.
    let size: Int
    /// The samples of a channel.
    let samples: Int
    /// The bytes before the side information.
    let headerSize: Int

    /// The kind of the frames that begin at `offset`, if there are any.
    static func kind(in window: inout ByteWindow, at offset: Int) -> AudioKind? {
        guard let first = MPEGFrame(in: &window, at: offset) else { return nil }
        let next = offset + first.size
        if next + 7 > window.count { return first.format.kind }
        return MPEGFrame(in: &window, at: next)?.format.kind == first.format.kind ? first.format.kind : nil
    }

    /// Whether three frames of one format begin at `offset`, or as many as there are before the end.
    static func isConfirmed(in window: inout ByteWindow, at offset: Int) -> Bool {
        guard let first = MPEGFrame(in: &window, at: offset) else { return false }
        var next = offset + first.size
        for _ in 0..<2 where next != window.count {
            guard let frame = MPEGFrame(in: &window, at: next), frame.format == first.format else { return false }
            next += frame.size
        }
        return next <= window.count
    }

    /// The frame at `offset`; nil when there is none.
    init?(in window: inout ByteWindow, at offset: Int) {
        let bytes = window.bytes(at: offset, count: 7)
        // Most of what is not a header ends here, which matters when megabytes are searched for one.
        guard bytes.count == 7, let first = bytes.first, first == 0xFF, bytes[bytes.startIndex + 1] & 0xE0 == 0xE0,
            bytes[bytes.startIndex + 1] & 0x06 == 0 || bytes[bytes.startIndex + 2] < 0xF0
        else { return nil }
        self.init(Array(bytes))
    }

    private init?(_ bytes: [UInt8]) {
        let layer = 4 - Int(bytes[1] >> 1 & 3)
        if layer == 4 {
            self.init(adts: bytes)
        } else {
            self.init(bytes, layer: layer)
        }
    }

    private init?(adts bytes: [UInt8]) {
        let rateIndex = Int(bytes[2] >> 2 & 0xF)
        size = Int(bytes[3] & 3) << 11 | Int(bytes[4]) << 3 | Int(bytes[5] >> 5)
        guard bytes[1] & 0xF0 == 0xF0, rateIndex < 13, size > 7 else { return nil }
        format = Format(
            kind: .aac,
            layer: 4,
            version: Int(bytes[1] >> 3 & 1),
            sampleRate: Self.rates[rateIndex],
            channels: Int(bytes[2] & 1) << 2 | Int(bytes[3] >> 6)
        )
        samples = 1024 * (Int(bytes[6] & 3) + 1)
        headerSize = 7
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
        switch layer {
        case 1:
            size = (12 * bitRate / sampleRate + padding) * 4
            samples = 384
        case 3 where version != 3:
            size = 72 * bitRate / sampleRate + padding
            samples = 576
        default:
            size = 144 * bitRate / sampleRate + padding
            samples = 1152
        }
        format = Format(
            kind: .mp3,
            layer: layer,
            version: version,
            sampleRate: sampleRate,
            channels: bytes[3] >> 6 == 3 ? 1 : 2
        )
        headerSize = bytes[1] & 1 == 0 ? 6 : 4
    }

    private static let rates = [
        96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8000, 7350,
    ]

    /// Bit rates in kbit/s: layers I, II and III of MPEG 1, then layer I and layers II and III of MPEG 2.
    private static let kilobits = [
        [32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
        [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
        [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
        [32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
        [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
    ]
}

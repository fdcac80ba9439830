/// The kinds of file that can be decoded, told apart by their first bytes.
enum AudioKind: Sendable, Equatable {
    case wav, aiff, au, caf, flac, ogg, mp3
    case mp4, matroska, aac

    /// The kind of the content; nil when it is none of these.
    init?(of source: any ByteSource) {
        let start = Self.endOfTag(source)
        let head = source.bytes(at: start, count: 12)
        func reads(_ text: String, at offset: Int = 0) -> Bool {
            head.dropFirst(offset).starts(with: text.utf8)
        }
        let kind: AudioKind? =
            if reads("fLaC") {
                .flac
            } else if let audio = MPEGFrame.kind(of: source, at: start) {
                audio
            } else if start > 0 {
                // A tag names no codec, but what libsndfile accepts behind one is MP3, perhaps after some padding.
                start < source.count ? .mp3 : nil
            } else if reads("RIFF") || reads("RIFX") || reads("RF64"), reads("WAVE", at: 8) {
                .wav
            } else if reads("FORM"), reads("AIFF", at: 8) || reads("AIFC", at: 8) {
                .aiff
            } else if reads(".snd") || reads("dns.") {
                .au
            } else if reads("caff") {
                .caf
            } else if reads("OggS") {
                .ogg
            } else if reads("ftyp", at: 4) {
                .mp4
            } else if head.starts(with: [0x1A, 0x45, 0xDF, 0xA3]) {
                .matroska
            } else {
                nil
            }
        guard let kind else { return nil }
        self = kind
    }

    /// What `ffmpeg` calls the container, for the kinds that libsndfile does not know.
    var demuxer: String? {
        switch self {
        case .mp4: "mov"
        case .matroska: "matroska"
        case .aac: "aac"
        default: nil
        }
    }

    /// The kind in words, with an article where it needs one.
    var description: String {
        switch self {
        case .mp4: "MP4 or M4A"
        case .matroska: "WebM or Matroska"
        case .aac: "AAC"
        default: "\(self)".uppercased()
        }
    }

    /// Where the content begins: behind an ID3 tag, if there is one.
    private static func endOfTag(_ source: any ByteSource) -> Int {
        let head = source.bytes(at: 0, count: 10)
        guard head.count == 10, head.starts(with: "ID3".utf8) else { return 0 }
        // Four bytes of seven bits; the size leaves out the ten bytes of the header itself and of a footer.
        let size = head[6..<10].reduce(0) { $0 << 7 | Int($1 & 0x7F) }
        return 10 + size + (head[5] & 0x10 == 0 ? 0 : 10)
    }
}

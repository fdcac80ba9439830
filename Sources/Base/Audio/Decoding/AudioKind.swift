/// The kinds of file that can be decoded, told apart by their first bytes.
enum AudioKind: Sendable, Equatable {
    case wav, wave64, aiff, au, caf, flac, ogg, mp3
    case mp4, matroska, aac, amr, asf

    /// The kind of the content; nil when it is none of these.
    init?(of source: any ByteSource) {
        var window = ByteWindow(source)
        guard let found = Self.find(in: source, &window, at: 0) else { return nil }
        self = found.kind
    }

    /// The kind of what begins at `offset`, perhaps behind a tag, and where it begins behind that.
    static func find(
        in source: any ByteSource,
        _ window: inout ByteWindow,
        at offset: Int
    ) -> (kind: AudioKind, start: Int)? {
        let start = ID3Tag.end(at: offset, in: &window)
        guard let kind = untagged(in: source, &window, at: start) else {
            // A tag names no codec, but what stands behind one at the beginning is MP3, perhaps after some padding.
            return offset == 0 && start > 0 && start < window.count ? (.mp3, start) : nil
        }
        return (kind, start)
    }

    private static func untagged(
        in source: any ByteSource,
        _ window: inout ByteWindow,
        at start: Int
    ) -> AudioKind? {
        if let signed = signed(&window, at: start) { return signed }
        return MPEGFrame.kind(in: &window, at: start)
    }

    /// The kind of what begins at `start`, if it begins with bytes that are hardly there by chance.
    static func signed(_ window: inout ByteWindow, at start: Int) -> AudioKind? {
        switch window.byte(at: start) {
        case UInt8(ascii: "f"):
            if window.reads("fLaC", at: start) { return .flac }
        case UInt8(ascii: "R"):
            if window.reads("WAVE", at: start + 8),
                window.reads("RIFF", at: start) || window.reads("RIFX", at: start) || window.reads("RF64", at: start)
            {
                return .wav
            }
        case UInt8(ascii: "B"):
            if window.reads("BW64", at: start), window.reads("WAVE", at: start + 8) { return .wav }
        case UInt8(ascii: "r"):
            if window.bytes(at: start, count: 16).elementsEqual(ChunkedFile.wave64) { return .wave64 }
        case UInt8(ascii: "F"):
            if window.reads("FORM", at: start),
                window.reads("AIFF", at: start + 8) || window.reads("AIFC", at: start + 8)
            {
                return .aiff
            }
        case UInt8(ascii: "."), UInt8(ascii: "d"):
            if window.reads(".snd", at: start) || window.reads("dns.", at: start) { return .au }
        case UInt8(ascii: "c"):
            if window.reads("caff", at: start) { return .caf }
        case UInt8(ascii: "O"):
            if window.reads("OggS", at: start) { return .ogg }
        case UInt8(ascii: "#"):
            if window.reads("#!AMR\n", at: start) || window.reads("#!AMR-WB\n", at: start) { return .amr }
        case 0x1A:
            if window.bytes(at: start, count: 4).elementsEqual(EBML.magic) { return .matroska }
        case 0x30:
            if window.bytes(at: start, count: 16).elementsEqual(windowsMedia) { return .asf }
        default:
            break
        }
        return MP4Boxes.begin(at: start, in: &window) ? .mp4 : nil
    }

    /// What `ffmpeg` calls the container; nil for the one that is decoded here in any case.
    var demuxer: String? {
        switch self {
        case .wav: "wav"
        case .wave64: "w64"
        case .aiff: "aiff"
        case .au: "au"
        case .caf: "caf"
        case .flac: "flac"
        case .ogg: "ogg"
        case .mp3: nil
        case .mp4: "mov"
        case .matroska: "matroska"
        case .aac: "aac"
        case .amr: "amr"
        case .asf: "asf"
        }
    }

    /// The kind in words.
    var description: String {
        switch self {
        case .mp4: "MP4, M4A, MOV or 3GP"
        case .matroska: "WebM or Matroska"
        case .wave64: "W64"
        case .asf: "WMA"
        case .ogg: "Ogg"
        case .wav, .aiff, .au, .caf, .flac, .mp3, .aac, .amr: "\(self)".uppercased()
        }
    }

    /// The number that begins a file of Windows Media.
    static let windowsMedia: [UInt8] = [
        0x30, 0x26, 0xB2, 0x75, 0x8E, 0x66, 0xCF, 0x11, 0xA6, 0xD9, 0x00, 0xAA, 0x00, 0x62, 0xCE, 0x6C,
    ]
}

/// The tag with title and artist that may stand before the frames of an MP3, and before other kinds.
enum ID3Tag {
    /// Where the tag at `offset` ends; `offset` itself when there is none.
    static func end(at offset: Int, in window: inout ByteWindow) -> Int {
        let head = Array(window.bytes(at: offset, count: 10))
        guard head.count == 10, head.starts(with: "ID3".utf8) else { return offset }
        // Four bytes of seven bits; the size leaves out the ten bytes of the header itself and of a footer.
        let size = head[6..<10].reduce(0) { $0 << 7 | Int($1 & 0x7F) }
        return offset + 10 + size + (head[5] & 0x10 == 0 ? 0 : 10)
    }
}

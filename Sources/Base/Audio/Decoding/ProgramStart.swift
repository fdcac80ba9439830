/// Finds where another file begins inside a source, as in files that were joined one behind the other.
///
/// Only beginnings long enough not to be there by chance count.
enum ProgramStart {
    private static let signatures: [[UInt8]] = [
        Array("RIFF".utf8), Array("RIFX".utf8), Array("RF64".utf8), Array("BW64".utf8),
        Array(ChunkedFile.wave64.prefix(16)),
        Array("FORM".utf8), Array(".snd".utf8), Array("caff".utf8), Array("fLaC".utf8), Array("OggS".utf8),
        Array("ID3".utf8), Array("#!AMR".utf8), EBML.magic, AudioKind.windowsMedia, Array("ftyp".utf8),
        Array("Info".utf8), Array("Xing".utf8),
    ]
    /// How far behind a beginning its signature may stand: "ftyp" behind a length, the last two behind the header of a
    /// frame and its side information.
    private static let offsets = [0, 4, 13, 15, 21, 23, 36, 38]

    /// The first beginning in `range`; nil when there is none.
    static func next(in source: any ByteSource, _ range: Range<Int>) -> Int? {
        guard !range.isEmpty else { return nil }
        var window = ByteWindow(source)
        var probe = window
        return first(of: signatures, in: range, &window) { isStart(at: $0, in: source, &probe) }
    }

    /// The first place in `range` where a file of the very kind begins, for containers that may hold files of other kinds.
    static func next(of kind: AudioKind, in source: any ByteSource, _ range: Range<Int>) -> Int? {
        guard !range.isEmpty else { return nil }
        let patterns: [[UInt8]] =
            switch kind {
            case .matroska: [EBML.magic]
            case .asf: [AudioKind.windowsMedia]
            default: []
            }
        var window = ByteWindow(source)
        var probe = window
        return first(of: patterns, in: range, &window) { place in
            isStart(at: place, in: source, &probe) && AudioKind.signed(&probe, at: place) == kind
        }
    }

    private static func first(
        of patterns: [[UInt8]],
        in range: Range<Int>,
        _ window: inout ByteWindow,
        where accept: (Int) -> Bool
    ) -> Int? {
        var found: Int?
        _ = window.first(of: patterns, in: range.lowerBound..<min(range.upperBound, window.count)) { place in
            for start in offsets.map({ place - $0 }) where range.contains(start) && accept(start) {
                found = start
                return true
            }
            return false
        }
        return found
    }

    /// Whether a file begins at `offset`.
    static func isStart(at offset: Int, in source: any ByteSource, _ window: inout ByteWindow) -> Bool {
        if let frame = MPEGFrame(in: &window, at: offset) { return InfoTag(in: &window, at: offset, frame) != nil }
        let tagEnd = ID3Tag.end(at: offset, in: &window)
        if tagEnd > offset {
            let head = Array(window.bytes(at: offset, count: 10))
            guard (2...4).contains(head[3]), head[4] < 10, head[5] & 0x0F == 0, head[6...].allSatisfy({ $0 < 0x80 })
            else { return false }
            return isStart(at: tagEnd, in: source, &window) || MPEGFrame.isConfirmed(in: &window, at: tagEnd)
        }
        switch AudioKind.signed(&window, at: offset) {
        case .wav, .aiff, .wave64, .amr, .asf, .mp4: return true
        case .flac: return isStreamInfo(at: offset + 4, &window)
        case .ogg: return OggPage(in: &window, at: offset)?.isFirst == true
        case .matroska: return EBML.isHeader(at: offset, in: &window)
        case .au: return AUHeader(in: &window, at: offset) != nil
        case .caf: return window.reads("desc", at: offset + 8)
        case .mp3, .aac, nil: return false
        }
    }

    /// Whether the block that begins every FLAC stands at `offset`, with its length of 34 bytes.
    private static func isStreamInfo(at offset: Int, _ window: inout ByteWindow) -> Bool {
        guard let word = window.integer(at: offset, size: 4, bigEndian: true) else { return false }
        return word & 0x7FFF_FFFF == 34
    }
}

/// The header of WebM and Matroska.
enum EBML {
    static let magic: [UInt8] = [0x1A, 0x45, 0xDF, 0xA3]

    /// Where the document that begins at `offset` ends, if it says so.
    static func end(of offset: Int, in window: inout ByteWindow) -> Int? {
        guard let head = size(at: offset + magic.count, in: &window) else { return nil }
        let segment = head.start + head.size
        guard window.bytes(at: segment, count: 4).elementsEqual([0x18, 0x53, 0x80, 0x67]),
            let body = size(at: segment + 4, in: &window), body.size < window.count - body.start
        else { return nil }
        return body.start + body.size
    }

    /// The size at `offset`, a number that says itself how long it is, and where it ends; nil for one that is unknown.
    private static func size(at offset: Int, in window: inout ByteWindow) -> (size: Int, start: Int)? {
        guard let first = window.byte(at: offset), first != 0 else { return nil }
        let length = first.leadingZeroBitCount + 1
        guard let number = window.integer(at: offset, size: length, bigEndian: true) else { return nil }
        let mask = (1 as UInt64) << UInt64(7 * length) - 1
        return number & mask == mask ? nil : (Int(number & mask), offset + length)
    }

    /// Whether a whole header stands at `offset`, which names the kind of document it begins.
    static func isHeader(at offset: Int, in window: inout ByteWindow) -> Bool {
        let head = Array(window.bytes(at: offset, count: 80))
        guard head.starts(with: magic) else { return false }
        return ["webm", "matroska"].contains { name in
            let element = [0x42, 0x82, 0x80 | UInt8(name.utf8.count)] + Array(name.utf8)
            return head.indices.contains { head[$0...].starts(with: element) }
        }
    }
}

/// The boxes of MP4, M4A, MOV and 3GP.
enum MP4Boxes {
    private static let types = ["ftyp", "moov", "mdat", "wide", "free", "skip", "pnot"].map { Array($0.utf8) }
    private static let most = 100_000

    /// Whether a file of boxes begins at `offset`; files of QuickTime may lack the box that names the kind.
    static func begin(at offset: Int, in window: inout ByteWindow) -> Bool {
        let head = Array(window.bytes(at: offset, count: 16))
        guard head.count >= 8, types.contains(where: { head[4..<8].elementsEqual($0) }) else { return false }
        let size = head[0..<4].reduce(0) { $0 << 8 | Int($1) }
        guard head[4..<8].elementsEqual("ftyp".utf8) else {
            // A box of unknown length (0), of 64 bits (1) or one that another follows.
            return size <= 1 || isBox(at: offset + size, in: &window)
        }
        return (8...4096).contains(size) && size % 4 == 0
    }

    /// Where the file at `offset` ends: where another one begins, or the source. Nil when another one begins at a place
    /// that cannot be told.
    static func end(of offset: Int, in source: any ByteSource, _ window: inout ByteWindow) -> Int? {
        var position = offset
        var hasIndex = false
        for _ in 0..<most {
            guard let size = window.integer(at: position, size: 4, bigEndian: true) else { break }
            let length =
                size == 1 ? window.integer(at: position + 8, size: 8, bigEndian: true).map { $0 } ?? 0 : size
            if window.reads("moov", at: position + 4) {
                guard !hasIndex else { return nil }
                hasIndex = true
            }
            guard length >= 8, length <= UInt64(window.count - position) else { break }
            position += Int(length)
            if ProgramStart.isStart(at: position, in: source, &window) {
                // Files of QuickTime without the box that names the kind begin like boxes of one that goes on.
                let isBox = AudioKind.signed(&window, at: position) == .mp4
                if !isBox || window.reads("ftyp", at: position + 4) { return position }
            }
        }
        return window.count
    }

    private static func isBox(at offset: Int, in window: inout ByteWindow) -> Bool {
        if offset >= window.count { return true }
        let type = window.bytes(at: offset + 4, count: 4)
        return type.count == 4 && type.allSatisfy { (0x20...0x7E).contains($0) || $0 == 0xA9 }
    }
}

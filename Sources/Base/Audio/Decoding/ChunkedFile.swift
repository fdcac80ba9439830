/// A file of chunks: WAV (RIFF, RIFX, RF64), W64, AIFF and CAF.
///
/// Sizes are what the writer believed. Those of programs that could not go back are zero or huge, those of a recorder
/// that was killed are stale; so a size ends the samples only when another chunk, another file or the end follows.
struct ChunkedFile {
    struct Chunk {
        /// Four characters, also in W64, whose names begin with them.
        let name: [UInt8]
        /// Where its content lies.
        var body: Range<Int>
    }

    /// The chunks other than those of samples.
    private(set) var chunks: [Chunk] = []
    /// Where the samples lie; in more than one piece in files whose writer went on later.
    private(set) var samples: [Range<Int>] = []
    /// Where the next file begins, or the source ends.
    private(set) var end = 0
    /// The order of bytes, and the first four characters.
    let form: Form

    enum Form { case riff, riffBigEndian, wave64, aiff, caf }

    /// The number that begins a W64 file.
    static let wave64: [UInt8] = [
        0x72, 0x69, 0x66, 0x66, 0x2E, 0x91, 0xCF, 0x11, 0xA5, 0xD6, 0x28, 0xDB, 0x04, 0xC1, 0x00, 0x00,
    ]
    private static let mostChunks = 10_000
    private static let known: Set<[UInt8]> = Set(
        [
            "fmt ", "data", "fact", "LIST", "bext", "JUNK", "junk", "PEAK", "cue ", "smpl", "inst", "id3 ", "ID3 ",
            "iXML", "_PMX", "PAD ", "ds64", "COMM", "SSND", "FVER", "MARK", "INST", "COMT", "NAME", "AUTH", "ANNO",
            "(c) ", "CHAN", "desc", "kuki", "pakt", "chan", "free", "info", "strg", "mark", "regn", "uuid", "LGWV",
            "acid", "afsp", "umid", "DISP", "plst", "wavl", "slnt", "axml", "chna", "levl",
        ].map { Array($0.utf8) }
    )

    private let source: any ByteSource
    private var window: ByteWindow
    private let layout: Layout
    /// The length of the samples that RF64 keeps in a chunk of its own.
    private var longSize: Int?

    private struct Layout {
        /// The bytes before the first chunk.
        var preamble = 12
        var nameLength = 4
        var sizeLength = 4
        var isBigEndian = false
        var sizeCountsHeader = false
        var alignment = 2
        var samplesName = Array("data".utf8)
        var headerLength: Int { nameLength + sizeLength }
    }

    /// The file of `kind` that begins at `start`.
    init(in source: any ByteSource, kind: AudioKind, at start: Int) {
        self.source = source
        window = ByteWindow(source)
        var layout = Layout()
        switch kind {
        case .wave64:
            form = .wave64
            layout.preamble = 40
            layout.nameLength = 16
            layout.sizeLength = 8
            layout.sizeCountsHeader = true
            layout.alignment = 8
        case .aiff:
            form = .aiff
            layout.isBigEndian = true
            layout.samplesName = Array("SSND".utf8)
        case .caf:
            form = .caf
            layout.preamble = 8
            layout.sizeLength = 8
            layout.isBigEndian = true
            layout.alignment = 1
        default:
            layout.isBigEndian = window.reads("RIFX", at: start)
            form = layout.isBigEndian ? .riffBigEndian : .riff
        }
        self.layout = layout
        walk(from: start)
    }

    /// The content of the first chunk of that name.
    func content(of name: StaticString) -> Range<Int>? {
        name.withUTF8Buffer { name in chunks.first { $0.name.elementsEqual(name) }?.body }
    }

    private mutating func walk(from start: Int) {
        var position = start + layout.preamble
        while position < window.count, chunks.count + samples.count < Self.mostChunks {
            if !samples.isEmpty, ProgramStart.isStart(at: position, in: source, &window) { break }
            guard let (name, size) = header(at: position) else {
                if samples.isEmpty || AudioKind.find(in: source, &window, at: position) == nil {
                    position = window.count
                }
                break
            }
            let body = position + layout.headerLength
            let next: Int
            if name == layout.samplesName {
                let last = endOfSamples(from: body, claimed: longSize ?? size)
                samples.append(body..<last)
                next = last == body + (longSize ?? size) ? following(body, size: last - body) : last
                longSize = nil
            } else {
                let size = min(size, window.count - body)
                chunks.append(Chunk(name: name, body: body..<body + size))
                if name.elementsEqual("ds64".utf8) {
                    longSize = window.integer(at: body + 8, size: 8, bigEndian: false).map { Int(min($0, 1 << 56)) }
                }
                next = following(body, size: size)
            }
            position = max(next, position + 1)
        }
        end = min(position, window.count)
    }

    /// The name and the size, without the header, of the chunk at `offset`; nil when there is none.
    private mutating func header(at offset: Int) -> (name: [UInt8], size: Int)? {
        let name = Array(window.bytes(at: offset, count: 4))
        guard name.count == 4, name.allSatisfy({ (0x20...0x7E).contains($0) }),
            let stated = window.integer(
                at: offset + layout.nameLength,
                size: layout.sizeLength,
                bigEndian: layout.isBigEndian
            ),
            offset + layout.headerLength <= window.count
        else { return nil }
        // Far beyond any file, and far from overflow.
        let size = Int(min(stated, 1 << 56))
        return (name, layout.sizeCountsHeader ? max(0, size - layout.headerLength) : size)
    }

    /// Where the chunk begins that follows content of `size` bytes at `body`, whose padding may have been forgotten.
    private mutating func following(_ body: Int, size: Int) -> Int {
        let bare = body + size
        let padded = body + (size + layout.alignment - 1) / layout.alignment * layout.alignment
        guard bare != padded, bare < window.count else { return min(bare, window.count) }
        func isKnown(_ offset: Int) -> Bool { Self.known.contains(Array(window.bytes(at: offset, count: 4))) }
        if isKnown(bare) || ProgramStart.isStart(at: bare, in: source, &window) { return bare }
        if isKnown(padded) || window.byte(at: bare) == 0 { return padded }
        return header(at: bare) == nil ? padded : bare
    }

    /// Where samples end that begin at `start` and are said to take `size` bytes.
    private mutating func endOfSamples(from start: Int, claimed size: Int) -> Int {
        if start < window.count, size < window.count - start, isEnd(start, size: size) { return start + size }
        if size == window.count - start { return window.count }
        // The size is unknown or wrong: the samples go on until another file begins.
        return ProgramStart.next(in: source, start..<window.count) ?? window.count
    }

    /// Whether behind samples of `size` bytes comes what may come there: chunks to the end, another file, or filling.
    private mutating func isEnd(_ start: Int, size: Int) -> Bool {
        var position = following(start, size: size)
        // Zero is what writers leave that cannot know; nothing but chunks makes it true.
        if size == 0, position < window.count, header(at: position) == nil { return false }
        for _ in 0..<Self.mostChunks {
            if window.count - position < 8 { return true }
            if ProgramStart.isStart(at: position, in: source, &window) { return true }
            if ID3Tag.end(at: position, in: &window) > position { return true }
            guard let (name, size) = header(at: position) else {
                return AudioKind.find(in: source, &window, at: position) != nil || isZero(from: position)
            }
            let body = position + layout.headerLength
            guard size <= window.count - body else { return Self.known.contains(name) }
            position = following(body, size: size)
        }
        return false
    }

    private mutating func isZero(from offset: Int) -> Bool {
        (offset..<window.count).allSatisfy { window.byte(at: $0) == 0 }
    }
}

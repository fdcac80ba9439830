/// The header of a page of Ogg.
struct OggPage {
    /// Whether a logical stream begins with this page.
    let isFirst: Bool
    /// The number of its logical stream.
    let serial: UInt64
    /// The bytes of header and content.
    let size: Int
    /// The bytes of the header.
    let headerSize: Int

    /// Whether the page at `offset` is followed by another or by the end, or holds no other at least: one that was cut off
    /// takes the next for its own.
    func isWhole(in window: inout ByteWindow, at offset: Int) -> Bool {
        if offset + size == window.count || window.reads("OggS", at: offset + size) { return true }
        var probe = window
        let inner = window.first(of: [Array("OggS".utf8)], in: offset + headerSize..<offset + size) { place in
            OggPage(in: &probe, at: place) != nil
        }
        return inner == nil
    }

    /// The page at `offset`; nil when there is none.
    init?(in window: inout ByteWindow, at offset: Int) {
        let head = Array(window.bytes(at: offset, count: 27))
        guard head.count == 27, head.starts(with: "OggS".utf8), head[4] == 0, head[5] < 8 else { return nil }
        isFirst = head[5] & 2 != 0
        serial = head[14..<18].reversed().reduce(0) { $0 << 8 | UInt64($1) }
        let lengths = window.bytes(at: offset + 27, count: Int(head[26]))
        headerSize = 27 + Int(head[26])
        size = headerSize + lengths.reduce(0) { $0 + Int($1) }
    }
}

/// One link of a chain of Ogg: logical streams that begin together.
struct OggLink {
    /// The pages of the stream that holds sound, in order.
    let pages: [Range<Int>]
    /// What the sound is coded with; nil when there is no sound.
    let codec: Codec?
    /// Where the next link begins, or the source ends.
    let end: Int

    enum Codec { case opus, vorbis, flac, speex }

    /// The link that begins at `start`.
    init(in source: any ByteSource, at start: Int) {
        var window = ByteWindow(source)
        var position = start
        var codec: Codec?
        var serial: UInt64?
        var pages: [Range<Int>] = []
        var isBeginning = true
        while position < window.count {
            let page = OggPage(in: &window, at: position)
            guard let page, page.isWhole(in: &window, at: position) else {
                // Out of step: damage, or something else behind the last page.
                if page == nil, let (kind, _) = AudioKind.find(in: source, &window, at: position), kind != .ogg {
                    break
                }
                var probe = window
                let next = window.first(of: [Array("OggS".utf8)], in: position + 1..<window.count) { place in
                    OggPage(in: &probe, at: place) != nil
                }
                let other = ProgramStart.next(in: source, position + 1..<(next ?? window.count))
                if let stop = other ?? (next == nil ? window.count : nil) {
                    position = stop
                    break
                }
                position = next ?? window.count
                continue
            }
            if page.isFirst {
                guard isBeginning else { break }
                if codec == nil, let found = Self.codec(at: position + page.headerSize, in: &window) {
                    codec = found
                    serial = page.serial
                }
            } else {
                isBeginning = false
            }
            if page.serial == serial {
                let end = min(position + page.size, window.count)
                if let last = pages.last, last.upperBound == position {
                    pages[pages.count - 1] = last.lowerBound..<end
                } else {
                    pages.append(position..<end)
                }
            }
            position = min(position + page.size, window.count)
        }
        self.pages = pages
        self.codec = codec
        end = position
    }

    private static func codec(at offset: Int, in window: inout ByteWindow) -> Codec? {
        if window.reads("OpusHead", at: offset) { return .opus }
        if window.reads("\u{1}vorbis", at: offset) { return .vorbis }
        if window.reads("\u{7F}FLAC", at: offset) { return .flac }
        if window.reads("Speex   ", at: offset) { return .speex }
        return nil
    }
}

import CSpawn
import Glibc

/// Reads a source here and there, in whatever order, with few calls to it.
struct ByteWindow {
    private static let size = 65_536

    /// The number of bytes of the source.
    let count: Int

    private let source: any ByteSource
    private var bytes: [UInt8] = []
    /// Where in the source `bytes` begin.
    private var start = 0

    init(_ source: any ByteSource) {
        self.source = source
        count = source.count
    }

    /// The byte at `offset`; nil beyond the end.
    mutating func byte(at offset: Int) -> UInt8? {
        if offset < start || offset >= start + bytes.count {
            guard offset >= 0, offset < count else { return nil }
            fill(from: offset)
            guard !bytes.isEmpty else { return nil }
        }
        return bytes[offset - start]
    }

    /// Up to `length` bytes from `offset` on.
    mutating func bytes(at offset: Int, count length: Int) -> ArraySlice<UInt8> {
        guard offset >= 0, offset < count else { return [] }
        let length = min(length, Self.size, count - offset)
        if offset < start || offset + length > start + bytes.count { fill(from: offset) }
        let first = offset - start
        return bytes[first..<min(first + length, bytes.count)]
    }

    /// The unsigned integer of `size` bytes at `offset`; nil beyond the end.
    mutating func integer(at offset: Int, size: Int, bigEndian: Bool) -> UInt64? {
        let bytes = bytes(at: offset, count: size)
        guard bytes.count == size else { return nil }
        return bigEndian
            ? bytes.reduce(0) { $0 << 8 | UInt64($1) } : bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// Whether `text` stands at `offset`.
    mutating func reads(_ text: StaticString, at offset: Int) -> Bool {
        text.withUTF8Buffer { text in bytes(at: offset, count: text.count).elementsEqual(text) }
    }

    /// The first place in `range` where one of `patterns` stands, all of which are at most 16 bytes long, and `accept`
    /// agrees.
    mutating func first(
        of patterns: [[UInt8]],
        in range: Range<Int>,
        where accept: (Int) -> Bool = { _ in true }
    ) -> Int? {
        var offset = max(0, range.lowerBound)
        let end = min(range.upperBound, count)
        // What is looked for is often near.
        var piece = 1024
        while offset < end {
            fill(from: offset, count: piece)
            piece = min(piece * 4, Self.size)
            guard !bytes.isEmpty else { return nil }
            let places = patterns.flatMap { Self.places(of: $0, in: bytes) }.sorted()
            for place in places where start + place < end {
                if accept(start + place) { return start + place }
            }
            // A pattern may begin in this piece and end in the next; what was refused once is refused again.
            guard start + bytes.count < count else { return nil }
            offset = start + max(1, bytes.count - 15)
        }
        return nil
    }

    private mutating func fill(from offset: Int, count length: Int = size) {
        bytes = source.bytes(at: offset, count: min(length, count - offset))
        start = offset
    }

    private static func places(of pattern: [UInt8], in bytes: [UInt8]) -> [Int] {
        bytes.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return [] }
            var places: [Int] = []
            var from = 0
            while from < bytes.count,
                let found = memmem(base + from, bytes.count - from, pattern, pattern.count)
            {
                places.append(base.distance(to: found))
                from = base.distance(to: found) + 1
            }
            return places
        }
    }
}

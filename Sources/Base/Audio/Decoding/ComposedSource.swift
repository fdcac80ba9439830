/// Bytes put together from ranges of another source and from bytes of its own: a file with its header mended, say.
final class ComposedSource: ByteSource {
    /// A piece of the whole.
    enum Piece {
        case bytes([UInt8])
        case range(Range<Int>)

        var count: Int {
            switch self {
            case .bytes(let bytes): bytes.count
            case .range(let range): range.count
            }
        }
    }

    let count: Int
    var name: String { source.name }

    private let source: any ByteSource
    private let pieces: [Piece]
    /// Where each piece begins.
    private let starts: [Int]

    init(_ pieces: [Piece], of source: any ByteSource) {
        self.source = source
        self.pieces = pieces.filter { $0.count > 0 }
        var starts: [Int] = []
        var count = 0
        for piece in self.pieces {
            starts.append(count)
            count += piece.count
        }
        self.starts = starts
        self.count = count
    }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) -> Int {
        guard offset >= 0, offset < count else { return 0 }
        var index = lastPiece(startingBy: offset)
        var done = 0
        while done < buffer.count, index < pieces.count {
            let into = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
            let from = offset + done - starts[index]
            let wanted = min(into.count, pieces[index].count - from)
            let target = UnsafeMutableRawBufferPointer(rebasing: into[..<wanted])
            switch pieces[index] {
            case .bytes(let bytes):
                bytes.withUnsafeBytes {
                    target.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[from..<from + wanted]))
                }
                done += wanted
            case .range(let range):
                let got = source.read(into: target, at: range.lowerBound + from)
                done += got
                guard got == wanted else { return done }
            }
            index += 1
        }
        return done
    }

    func withDescriptor<R>(_ body: (Int32) throws -> R) throws -> R {
        if pieces.count == 1, case .range(0..<source.count) = pieces[0] { return try source.withDescriptor(body) }
        return try withTemporaryFile(body)
    }

    private func lastPiece(startingBy offset: Int) -> Int {
        var (low, high) = (0, starts.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= offset { low = middle } else { high = middle }
        }
        return low
    }
}

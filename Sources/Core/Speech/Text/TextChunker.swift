import SpokenText

/// Cuts a whole text into chunks to be synthesised one after the other.
///
/// Lengths are counted in Unicode scalars, so a chunk never has more characters either. Chunks end at sentences,
/// list items and stage directions such as `(laughs)`; only what is longer than a chunk is cut inside, at the end of a
/// clause, else at a space, else between characters. Apart from white space nothing is lost, added or moved.
public struct TextChunker: Sendable, Equatable {
    /// The longest chunk, in Unicode scalars, at least 1.
    public let chunkSize: Int

    /// A chunker for chunks of at most `chunkSize` Unicode scalars; smaller values than 1 mean 1.
    public init(chunkSize: Int) {
        self.chunkSize = max(1, chunkSize)
    }

    /// The chunks of `text` in order. A text of at most one and a half chunks, or of nothing but white space, is
    /// returned as it is.
    public func chunks(of text: String) -> [String] {
        guard Double(text.unicodeScalars.count) > 1.5 * Double(chunkSize) else { return [text] }
        let scalars = text.withUnixLineBreaks
        let chunks = pack(segments(of: scalars[...]).flatMap(pieces))
        return chunks.isEmpty ? [text] : chunks
    }

    /// Text that is not cut except at the places where `pieces` cuts it.
    private typealias Segment = ArraySlice<Unicode.Scalar>

    /// Part of a segment that fits into a chunk.
    private struct Piece {
        var text: ArraySlice<Unicode.Scalar>
        /// No white space stood before it.
        var isGlued = false
    }

    private func segments(of text: Segment) -> [Segment] {
        var segments: [Segment] = []
        var start = text.startIndex
        for cue in SpokenCues.ranges(in: text) {
            segments += sentencesAndItems(of: text, in: start..<cue.lowerBound)
            segments.append(text[cue])
            start = cue.upperBound
        }
        return segments + sentencesAndItems(of: text, in: start..<text.endIndex)
    }

    /// Sentences up to the first list item; from there on, items.
    private func sentencesAndItems(of text: Segment, in range: Range<Int>) -> [Segment] {
        let isInLine = range.lowerBound > text.startIndex && text[range.lowerBound - 1] != "\n"
        let boundaries = SentenceScanner.boundaries(of: text[range], inLine: isInLine)
        let firstItem = boundaries.firstIndex { $0.kind == .listItem } ?? boundaries.endIndex
        let sentences = boundaries[..<firstItem].filter { $0.kind == .sentence }
        let items = boundaries[firstItem...].filter { $0.kind == .listItem }
        return (sentences + items).cut(text[range])
    }

    /// The segment itself, or if it is too long its clauses, or their words, or parts of these.
    private func pieces(of segment: Segment) -> [Piece] {
        if segment.count <= chunkSize { return [Piece(text: segment)] }
        var pieces: [Piece] = []
        var end = segment.startIndex
        for clause in SentenceScanner.boundaries(of: segment, inLine: true).cut(segment) {
            let parts = clause.count <= chunkSize ? [clause] : clause.split { $0.isSpace }
            for part in parts {
                var rest = part
                while !rest.isEmpty {
                    let piece = rest.prefix(rest.lengthOfWholeCharacters(limit: chunkSize))
                    let isGlued = piece.startIndex == end && end > segment.startIndex
                    pieces.append(Piece(text: piece, isGlued: isGlued))
                    rest = rest[piece.endIndex...]
                    end = piece.endIndex
                }
            }
        }
        return pieces
    }

    /// Fills chunks from left to right, with one space between pieces unless they were written without.
    private func pack(_ pieces: [Piece]) -> [String] {
        var chunks: [String] = []
        var current: [Unicode.Scalar] = []
        for piece in pieces {
            let separator = piece.isGlued || current.isEmpty ? 0 : 1
            if !current.isEmpty, current.count + separator + piece.text.count > chunkSize {
                chunks.append(current.trimmedText)
                current.removeAll(keepingCapacity: true)
            } else if separator == 1 {
                current.append(" ")
            }
            current += piece.text
        }
        if !current.isEmpty { chunks.append(current.trimmedText) }
        return chunks
    }
}

extension String {
    /// The scalars of this text with LF for CR LF and CR.
    fileprivate var withUnixLineBreaks: [Unicode.Scalar] {
        var scalars: [Unicode.Scalar] = []
        scalars.reserveCapacity(unicodeScalars.count)
        var previous: Unicode.Scalar?
        for scalar in unicodeScalars {
            if scalar != "\n" || previous != "\r" { scalars.append(scalar == "\r" ? "\n" : scalar) }
            previous = scalar
        }
        return scalars
    }
}

import SpokenText

/// Collects the text of an answer while it is generated and hands out segments to be spoken.
///
/// A segment is a sentence (see `SentenceScanner`) or a list item. The first segment may be a mere clause, so that
/// speech starts early. A segment is handed out as soon as what follows makes its end certain: "3." may go on to "3.14".
/// How the text was cut into tokens makes no difference, and the cost per scalar is constant.
///
/// Segments keep the text as it is, without white space at the ends; see `SpeakableText` for cleaning it.
public struct SentenceBuffer: Sendable {
    /// The sizes of segments.
    public struct Limits: Sendable, Equatable {
        /// A clause may be the first segment if it has at least this many words (an ideograph counts as one), or…
        public var firstClauseWords: Int
        /// …at least this many Unicode scalars. Both `Int.max`: the first segment is a sentence like the others.
        public var firstClauseLength: Int
        /// The longest segment, in Unicode scalars; smaller values than 1 mean 1. A longer sentence is cut after its
        /// last clause that ends in the second half, else at a space, else between characters.
        public var maximumLength: Int

        /// Limits; by default 3 words or 12 scalars for the first clause, 300 scalars for every segment.
        public init(firstClauseWords: Int = 3, firstClauseLength: Int = 12, maximumLength: Int = 300) {
            self.firstClauseWords = firstClauseWords
            self.firstClauseLength = firstClauseLength
            self.maximumLength = maximumLength
        }
    }

    private var limits: Limits
    private var scanner = SentenceScanner()
    /// Text not handed out yet; begins with something other than white space.
    private var held: [Unicode.Scalar] = []
    /// How many scalars came before `held`.
    private var heldPosition = 0
    /// Where the last clause ended.
    private var clauseEnd = 0
    private var isFirst = true

    /// An empty buffer.
    public init(limits: Limits = Limits()) {
        self.limits = limits
        self.limits.maximumLength = max(1, limits.maximumLength)
    }

    /// Takes the next piece of the answer and returns the segments that are now complete.
    public mutating func append(_ token: String) -> [String] {
        var segments: [String] = []
        for scalar in token.unicodeScalars {
            if held.isEmpty, scalar.isSpace {
                heldPosition += 1
            } else {
                held.append(scalar)
            }
            if let boundary = scanner.push(scalar) { cut(at: boundary, into: &segments) }
            if held.count > limits.maximumLength { take(fittingLength, into: &segments) }
        }
        return segments
    }

    /// The answer has ended: returns what is left, and makes the buffer ready for another answer.
    public mutating func finish() -> [String] {
        var segments: [String] = []
        if let boundary = scanner.finish() { cut(at: boundary, into: &segments) }
        take(held.count, into: &segments)
        self = SentenceBuffer(limits: limits)
        return segments
    }

    private mutating func cut(at boundary: TextBoundary, into segments: inout [String]) {
        let length = boundary.position - heldPosition
        // The text before the boundary may be gone because it was too long.
        guard length > 0 else { return }
        if boundary.kind == .clause {
            clauseEnd = boundary.position
            guard isFirst, isFirstClause(held.prefix(length)) else { return }
        }
        take(length, into: &segments)
    }

    private func isFirstClause(_ clause: ArraySlice<Unicode.Scalar>) -> Bool {
        if clause.count >= limits.firstClauseLength { return true }
        var words = 0
        var isBetweenWords = true
        for scalar in clause {
            let isPartOfWord = scalar.isLetterOrDigit
            if isPartOfWord, isBetweenWords || scalar.isWordByItself { words += 1 }
            isBetweenWords = isBetweenWords ? !isPartOfWord : scalar.isSpace || scalar.isWordByItself
        }
        return words >= limits.firstClauseWords
    }

    /// How much of the text, which is longer than the maximum by one scalar, to hand out.
    private var fittingLength: Int {
        let clauseLength = clauseEnd - heldPosition
        if clauseLength * 2 >= limits.maximumLength { return clauseLength }
        if let space = held.lastIndex(where: { $0.isSpace }) { return space }
        return held[...].lengthOfWholeCharacters(limit: limits.maximumLength)
    }

    private mutating func take(_ length: Int, into segments: inout [String]) {
        let segment = held.prefix(length).trimmedText
        if !segment.isEmpty {
            segments.append(segment)
            isFirst = false
        }
        let spaces = held[length...].prefix { $0.isSpace }.count
        held.removeFirst(length + spaces)
        heldPosition += length + spaces
    }
}

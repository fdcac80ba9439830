import SpokenText

extension SentenceScanner {
    /// The sentences of `text` in order, without the white space around them. Nothing else is lost.
    public static func sentences(of text: String) -> [String] {
        let scalars = Array(text.unicodeScalars)
        return boundaries(of: scalars[...])
            .filter { $0.kind != .clause }
            .cut(scalars[...])
            .map(\.trimmedText)
    }

    /// All boundaries of `text`; their positions count from its start.
    static func boundaries(of text: ArraySlice<Unicode.Scalar>, inLine: Bool = false) -> [TextBoundary] {
        var scanner = SentenceScanner(inLine: inLine)
        var boundaries: [TextBoundary] = []
        for scalar in text {
            if let boundary = scanner.push(scalar) { boundaries.append(boundary) }
        }
        if let boundary = scanner.finish() { boundaries.append(boundary) }
        return boundaries
    }
}

extension Sequence<TextBoundary> {
    /// The parts of `text` between these boundaries, without white space around them and without empty ones.
    func cut(_ text: ArraySlice<Unicode.Scalar>) -> [ArraySlice<Unicode.Scalar>] {
        var parts: [ArraySlice<Unicode.Scalar>] = []
        var start = text.startIndex
        func take(upTo end: Int) {
            let part = text[start..<end].trimmed
            if !part.isEmpty { parts.append(part) }
            start = end
        }
        for boundary in self where text.startIndex + boundary.position > start {
            take(upTo: text.startIndex + boundary.position)
        }
        take(upTo: text.endIndex)
        return parts
    }
}

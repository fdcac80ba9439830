/// Leaves out what a reasoning model thinks aloud between `<think>` and `</think>`, wherever the text is cut.
///
/// White space at the beginning, and after a thought at the beginning, is left out too: it cannot be spoken.
struct ThoughtFilter: Sendable {
    private var isThinking = false
    private var hasSpoken = false
    /// Text that may turn out to be the beginning of a tag.
    private var pending = ""

    /// Takes more text; returns what of it may be spoken.
    mutating func feed(_ text: String) -> String {
        pending += text
        var spoken = ""
        while let range = pending.unicodeScalars.firstRange(of: tag.unicodeScalars) {
            if !isThinking { spoken += pending[..<range.lowerBound] }
            pending = String(pending[range.upperBound...])
            isThinking.toggle()
        }
        let held = lengthOfTagAtEnd
        if !isThinking { spoken.unicodeScalars.append(contentsOf: pending.unicodeScalars.dropLast(held)) }
        pending = String(pending.unicodeScalars.suffix(held))
        return trimmed(spoken)
    }

    /// The answer has ended: what was held back. A thought that was not closed is dropped.
    mutating func finish() -> String {
        defer { pending = "" }
        return isThinking ? "" : trimmed(pending)
    }

    private var tag: String { isThinking ? "</think>" : "<think>" }

    /// How many scalars at the end of `pending` could begin the tag.
    private var lengthOfTagAtEnd: Int {
        let scalars = pending.unicodeScalars
        let longest = min(tag.unicodeScalars.count - 1, scalars.count)
        return (0...longest).last { tag.unicodeScalars.starts(with: scalars.suffix($0)) } ?? 0
    }

    private mutating func trimmed(_ text: String) -> String {
        guard !hasSpoken else { return text }
        let rest = text.drop(while: \.isWhitespace)
        hasSpoken = !rest.isEmpty
        return String(rest)
    }
}

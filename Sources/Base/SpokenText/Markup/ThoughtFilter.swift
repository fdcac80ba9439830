/// Leaves out what a reasoning model thinks aloud between `<think>` and `</think>`, wherever the text is cut. The names
/// `thinking`, `thought` and `reasoning` mean the same, in any case.
///
/// White space at the beginning, and after a thought at the beginning, is left out too: it cannot be spoken. A tag that
/// follows a back-tick is quoted, and stays.
public struct ThoughtFilter: Sendable {
    private static let names = ["think", "thinking", "thought", "reasoning"]
    private static let openings = names.map { Array("<\($0)>".unicodeScalars) }

    /// The end of the thought being read.
    private var closing: [Unicode.Scalar]?
    private var hasSpoken = false
    private var previous: Unicode.Scalar?
    /// Text that may turn out to be the beginning of a tag.
    private var held: [Unicode.Scalar] = []
    private var spoken = String.UnicodeScalarView()

    /// A filter at the beginning of an answer.
    public init() {}

    /// Takes more text; returns what of it may be spoken.
    public mutating func feed(_ text: String) -> String {
        for scalar in text.unicodeScalars { push(scalar) }
        return takeSpoken()
    }

    /// The answer has ended: what was held back. A thought that was not closed is dropped.
    public mutating func finish() -> String {
        release()
        return takeSpoken()
    }

    private mutating func push(_ scalar: Unicode.Scalar) {
        if held.isEmpty {
            if scalar == "<", previous != "`" {
                held = [scalar]
            } else {
                speak(scalar)
            }
            return
        }
        let tags = closing.map { [$0] } ?? Self.openings
        let candidate = (held + [scalar]).map(\.lowercasedASCII)
        guard let tag = tags.first(where: { $0.starts(with: candidate) }) else {
            release()
            return push(scalar)
        }
        held.append(scalar)
        guard tag.count == held.count else { return }
        closing = closing == nil ? Array("</".unicodeScalars) + tag.dropFirst() : nil
        held = []
        previous = nil
    }

    private mutating func release() {
        let scalars = held
        held = []
        for scalar in scalars { speak(scalar) }
    }

    private mutating func speak(_ scalar: Unicode.Scalar) {
        previous = scalar
        guard closing == nil, hasSpoken || !scalar.isSpace else { return }
        hasSpoken = true
        spoken.append(scalar)
    }

    private mutating func takeSpoken() -> String {
        defer { spoken = String.UnicodeScalarView() }
        return String(spoken)
    }
}

extension Unicode.Scalar {
    /// The small letter of a capital of the ASCII range.
    var lowercasedASCII: Unicode.Scalar {
        ("A"..."Z").contains(self) ? Unicode.Scalar(UInt8(value) + 32) : self
    }
}

package extension Unicode.Scalar {
    /// Whether this is white space of any kind, including line breaks.
    var isSpace: Bool {
        isASCII ? self == " " || (0x09...0x0D).contains(value) : properties.isWhitespace
    }

    /// Whether this begins a new line.
    var isLineBreak: Bool {
        switch self {
        case "\n", "\r", "\u{0B}", "\u{0C}", "\u{85}", "\u{2028}", "\u{2029}": true
        default: false
        }
    }

    /// Whether this is a digit of the ASCII range.
    var isASCIIDigit: Bool {
        ("0"..."9").contains(self)
    }

    /// Whether this is a letter or a digit of any script.
    var isLetterOrDigit: Bool {
        guard !isASCII else { return isASCIIDigit || ("a"..."z").contains(self) || ("A"..."Z").contains(self) }
        return properties.isAlphabetic || properties.numericType != nil
    }

    /// Whether this may stand between the end of a sentence and the white space after it: closing quotes and
    /// brackets, quotes that open and close, and the marks that close Markdown emphasis.
    var isCloser: Bool {
        switch self {
        case "\"", "'", "”", "’", ")", "]", "}", "»", "›", "」", "』", "）", "】", "》", "〉", "］", "｣", "*", "_", "`", "~":
            true
        default: false
        }
    }

    /// Whether this may stand between white space and the first word of a sentence.
    var isOpener: Bool {
        switch self {
        case "\"", "'", "“", "‘", "„", "(", "[", "{", "«", "‹", "「", "『", "（", "*", "_", "`", "~", "¿", "¡": true
        default: false
        }
    }

    /// Whether this is an ideograph or a syllable of a script written without spaces, so that it counts as a word.
    var isWordByItself: Bool {
        switch value {
        case 0x3040...0x30FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0x20000...0x323AF: true
        default: false
        }
    }
}

package extension Collection<Unicode.Scalar> where Self: BidirectionalCollection, SubSequence: BidirectionalCollection {
    /// The text without white space at either end. Unlike trimming by `Character`, it keeps a combining mark that
    /// stands on a space.
    var trimmedText: String {
        String(String.UnicodeScalarView(trimmed))
    }

    /// The part without white space at either end.
    var trimmed: SubSequence.SubSequence {
        let start = firstIndex { !$0.isSpace } ?? endIndex
        let tail = self[start...]
        let end = tail.lastIndex { !$0.isSpace }.map { tail.index(after: $0) } ?? start
        return tail[..<end]
    }
}

package extension ArraySlice<Unicode.Scalar> {
    /// The length of the longest prefix of whole characters (grapheme clusters) that has at most `limit` scalars; if
    /// the first character alone is longer, `limit`. At least 1 unless the slice is empty.
    func lengthOfWholeCharacters(limit: Int) -> Int {
        guard count > limit else { return count }
        var length = 0
        // One scalar more than the limit shows whether the last character is complete.
        for character in String(String.UnicodeScalarView(prefix(limit + 1))) {
            let next = length + character.unicodeScalars.count
            if next > limit { break }
            length = next
        }
        return length > 0 ? length : limit
    }
}

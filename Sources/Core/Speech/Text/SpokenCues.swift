import SpokenText

/// Finds stage directions for the voice: words in round brackets, such as `(laughs)`.
enum SpokenCues {
    /// The ranges of the cues in `text`, brackets included: word characters, spaces, apostrophes and hyphens between
    /// `(` and `)` on one line.
    static func ranges(in text: ArraySlice<Unicode.Scalar>) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var start: Int?
        for (index, scalar) in zip(text.indices, text) {
            if scalar == "(" {
                start = index
            } else if scalar == ")", let opened = start {
                if index > opened + 1 { ranges.append(opened..<index + 1) }
                start = nil
            } else if start != nil, !isAllowedInside(scalar) {
                start = nil
            }
        }
        return ranges
    }

    private static func isAllowedInside(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "_", "'", "’", "-": true
        default: scalar.isLetterOrDigit || isMark(scalar) || scalar.isSpace && !scalar.isLineBreak
        }
    }

    /// Whether this is an accent or vowel sign, which belongs to the letter before it.
    private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        guard !scalar.isASCII else { return false }
        return switch scalar.properties.generalCategory {
        case .nonspacingMark, .spacingMark: true
        default: false
        }
    }
}

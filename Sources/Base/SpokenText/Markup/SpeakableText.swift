/// Prepares text for synthesis, so that marks made for the eye are not read aloud.
public enum SpeakableText {
    /// A whole `text` as it should be spoken: without thoughts, Markdown, HTML, link addresses, emoji and control
    /// characters, with single spaces, and with a full stop where a heading, list item or paragraph ends without one.
    /// Costs time in proportion to the length of the text.
    public static func clean(_ text: String) -> String {
        withoutInlineMarks(plain(text))
    }

    /// A whole `text` as ``ThoughtFilter`` and ``MarkupReader`` leave it, to be cut into pieces.
    public static func plain(_ text: String) -> String {
        var thoughts = ThoughtFilter()
        var markup = MarkupReader()
        return markup.feed(thoughts.feed(text)) + markup.feed(thoughts.finish()) + markup.finish()
    }

    /// A piece of what ``MarkupReader`` made, without emphasis, links, emoji and control characters, and with single
    /// spaces.
    public static func withoutInlineMarks(_ text: String) -> String {
        let scalars = MarkdownLinks.removed(from: Array(text.unicodeScalars))
        var cleaner = Cleaner(scalars: scalars)
        return cleaner.run()
    }

    /// Whether there is anything to say in `text`: a letter or a digit.
    public static func isSpeakable(_ text: String) -> Bool {
        text.unicodeScalars.contains { $0.isLetterOrDigit && !$0.isPictograph }
    }
}

/// Copies the scalars that are to be spoken.
private struct Cleaner {
    let scalars: [Unicode.Scalar]
    private var index = 0
    private var output = String.UnicodeScalarView()
    private var gap = Gap.none

    /// What was left out since the last scalar of the output.
    private enum Gap {
        case none, space, pictograph
    }

    init(scalars: [Unicode.Scalar]) {
        self.scalars = scalars
    }

    mutating func run() -> String {
        while index < scalars.count {
            copyOrDrop(scalars[index])
            index += 1
        }
        return String(output)
    }

    private mutating func copyOrDrop(_ scalar: Unicode.Scalar) {
        if scalar.isSpace {
            leaveGap(.space)
            return
        }
        if scalar.isPictograph || next == "\u{FE0F}" && !scalar.isASCII {
            leaveGap(.pictograph)
        } else if !isMarkdown(scalar), !isInvisible(scalar) {
            put(scalar)
        }
    }

    private mutating func leaveGap(_ new: Gap) {
        if gap != .pictograph { gap = new }
    }

    private mutating func put(_ scalar: Unicode.Scalar) {
        // "Great 👍!" becomes "Great!".
        let closesUp = gap == .pictograph && ".,;:!?…".unicodeScalars.contains(scalar)
        if gap != .none, !closesUp, !output.isEmpty { output.append(" ") }
        gap = .none
        output.append(scalar)
    }

    private var next: Unicode.Scalar? { index + 1 < scalars.count ? scalars[index + 1] : nil }
    private var previous: Unicode.Scalar? { index > 0 ? scalars[index - 1] : nil }

    // MARK: Marks within a line

    private func isMarkdown(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "`":
            return true
        case "~":
            return next == "~" || previous == "~"
        case "*":
            // "2 * 3" and "2*3" are products.
            let isBetweenSpaces = (previous?.isSpace ?? true) && (next?.isSpace ?? true)
            let isBetweenDigits = (previous?.isASCIIDigit ?? false) && (next?.isASCIIDigit ?? false)
            return !isBetweenSpaces && !isBetweenDigits
        case "_":
            // "snake_case" is a name.
            return !((previous?.isLetterOrDigit ?? false) && (next?.isLetterOrDigit ?? false))
        default:
            return false
        }
    }

    private func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        if scalar == "\u{200C}" || scalar == "\u{200D}" {
            // Joiners shape letters of some scripts; elsewhere they are remains of emoji.
            return !((previous.map(isPartOfLetter) ?? false) && (next.map(isPartOfLetter) ?? false))
        }
        switch scalar.value {
        case 0x20..<0x7F: return false
        case 0xFE00...0xFE0F, 0x20E3, 0xFFFC, 0xFFFD: return true
        default: break
        }
        switch scalar.properties.generalCategory {
        case .control, .format, .privateUse, .unassigned, .surrogate: return true
        default: return false
        }
    }

    private func isPartOfLetter(_ scalar: Unicode.Scalar) -> Bool {
        guard !scalar.isPictograph else { return false }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .spacingMark: return !(0xFE00...0xFE0F).contains(scalar.value)
        default: return scalar.isLetterOrDigit
        }
    }
}

extension Unicode.Scalar {
    /// Whether this is an emoji or part of one.
    fileprivate var isPictograph: Bool {
        guard value >= 0x2600 else { return value >= 0x231A && properties.isEmojiPresentation }
        return properties.isEmoji || (0x1F1E6...0x1F1FF).contains(value)
    }
}

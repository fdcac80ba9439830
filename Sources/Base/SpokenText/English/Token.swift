/// A part of a text: a word, digits or a mark.
struct Token: Equatable {
    enum Kind: Equatable {
        /// Letters of any script, with the apostrophes between them.
        case word
        /// Digits of the ASCII range.
        case digits
        /// One other scalar.
        case mark
    }

    var kind: Kind
    var text: String
    /// White space stands before it.
    var isSpaced: Bool

    /// The tokens of `text`, in order.
    static func tokens(of text: String) -> [Token] {
        var tokens: [Token] = []
        let scalars = Array(text.unicodeScalars)
        var isSpaced = false
        var index = 0
        while index < scalars.count {
            let scalar = scalars[index]
            if scalar.isSpace {
                isSpaced = true
                index += 1
                continue
            }
            let start = index
            index += 1
            let kind: Kind
            if scalar.isASCIIDigit {
                kind = .digits
                while index < scalars.count, scalars[index].isASCIIDigit { index += 1 }
            } else if isLetter(scalar) {
                kind = .word
                while index < scalars.count, goesOn(scalars, index) { index += 1 }
            } else {
                kind = .mark
            }
            let text = String(String.UnicodeScalarView(scalars[start..<index]))
            tokens.append(Token(kind: kind, text: text, isSpaced: isSpaced))
            isSpaced = false
        }
        return tokens
    }

    /// Whether a word goes on at `index`, which is not its beginning.
    private static func goesOn(_ scalars: [Unicode.Scalar], _ index: Int) -> Bool {
        if isLetter(scalars[index]) || isMark(scalars[index]) { return true }
        guard scalars[index] == "'" || scalars[index] == "’", index + 1 < scalars.count else { return false }
        return isLetter(scalars[index + 1])
    }

    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        guard !scalar.isASCII else { return scalar.isLetterOrDigit && !scalar.isASCIIDigit }
        // "½" and "²" are numbers, "º" and "ª" stand for endings.
        return scalar.properties.isAlphabetic && scalar.properties.numericType == nil && scalar != "º" && scalar != "ª"
    }

    private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        guard !scalar.isASCII else { return false }
        return switch scalar.properties.generalCategory {
        case .nonspacingMark, .spacingMark: true
        default: false
        }
    }

    /// In small letters.
    var lower: String { text.lowercased() }

    /// Whether it begins with a capital.
    var isCapitalized: Bool { kind == .word && text.unicodeScalars.first?.properties.isUppercase == true }
}

import SpokenText

/// Decides from the word that follows whether the full stop of an abbreviation ended a sentence.
struct NextWord {
    /// What is known so far.
    enum Verdict {
        case open, ends, goesOn
    }

    private let reading: Abbreviations.Reading
    private var word: [Unicode.Scalar] = []

    /// Reads on after an abbreviation and white space.
    init(after reading: Abbreviations.Reading) {
        self.reading = reading
    }

    /// Takes the next scalar. White space, quotes and brackets before the word leave the question open.
    mutating func push(_ scalar: Unicode.Scalar) -> Verdict {
        if word.isEmpty {
            if scalar.isSpace || scalar.isOpener { return .open }
            return begin(with: scalar)
        }
        if scalar.isLetterOrDigit {
            word.append(scalar)
            return word.count > Abbreviations.longestOpeningWord ? .goesOn : .open
        }
        // "J. A. Smith": an article looks like an initial.
        if word.count == 1, scalar == "." { return .goesOn }
        return finish()
    }

    /// The text ended.
    func finish() -> Verdict {
        Abbreviations.opensSentence(word) ? .ends : .goesOn
    }

    private mutating func begin(with scalar: Unicode.Scalar) -> Verdict {
        let isSmallLetter = scalar.properties.isLowercase
        switch reading {
        case .end:
            return .ends
        case .goesOn:
            return .goesOn
        case .endBeforeCapital:
            return scalar.properties.isAlphabetic && !isSmallLetter ? .ends : .goesOn
        case .endUnlessNumber:
            return isSmallLetter || scalar == "#" || scalar.properties.numericType != nil ? .goesOn : .ends
        case .endBeforeOpeningWord:
            guard scalar.properties.isUppercase else { return .goesOn }
            word.append(scalar)
            return .open
        }
    }
}

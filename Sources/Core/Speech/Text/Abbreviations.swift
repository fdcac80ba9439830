/// The English abbreviations whose full stop need not end a sentence.
enum Abbreviations {
    /// What a full stop after an abbreviation means.
    enum Reading: Equatable {
        /// The word is no abbreviation: the full stop ends the sentence.
        case end
        /// The sentence goes on, whatever follows: "Dr. Smith".
        case goesOn
        /// Ends before a capital: "apples, pears, etc. Tomorrow we go on."
        case endBeforeCapital
        /// Ends before a capitalised word that commonly opens a sentence: "at 5 p.m. Then he left", but not
        /// "the U.S. Army".
        case endBeforeOpeningWord
        /// Goes on before a number or a small letter: "No. 5", but "No. I won't."
        case endUnlessNumber
    }

    /// The longest entry, in scalars, with its full stops.
    static let longest = 8

    /// How the full stop at the end of `word` reads. `word` includes its full stops: "Dr.", "p.m.", "J.".
    static func reading(of word: some Collection<Unicode.Scalar>) -> Reading {
        guard word.count <= longest else { return isAcronym(word) ? .endBeforeOpeningWord : .end }
        let lowercased = String(String.UnicodeScalarView(word)).lowercased()
        if let listed = readings[lowercased] { return listed }
        return isAcronym(word) ? .endBeforeOpeningWord : .end
    }

    /// Whether a sentence commonly begins with `word`, whose case does not matter.
    static func opensSentence(_ word: some Collection<Unicode.Scalar>) -> Bool {
        openingWords.contains(String(String.UnicodeScalarView(word)).lowercased())
    }

    /// The longest opening word, in scalars.
    static let longestOpeningWord = 10

    /// Whether `word` is a capital initial ("J.") or several letters with a full stop after each ("U.S.A.").
    private static func isAcronym(_ word: some Collection<Unicode.Scalar>) -> Bool {
        var expectsLetter = true
        for scalar in word {
            guard expectsLetter ? scalar.properties.isAlphabetic : scalar == "." else { return false }
            expectsLetter.toggle()
        }
        guard let first = word.first, expectsLetter else { return false }
        return word.count > 2 || first.properties.isUppercase
    }

    private static let readings: [String: Reading] = {
        let always = """
            mr. mrs. ms. dr. prof. rev. hon. gen. gov. e.g. i.e. vs. ca. cf. et. viz. approx. p. pp. vol. esp. v.
            """
        let usually = """
            st. jr. sr. al. ibid. id. sc. op. cit. inf. sup. fl. inc. ltd. dept. apt. fig. ed. d. b. r. c. u.s. u.k. \
            a.m. p.m. a.d. b.c. ph.d.
            """
        var readings: [String: Reading] = ["etc.": .endBeforeCapital, "no.": .endUnlessNumber]
        for word in always.split(separator: " ") { readings[String(word)] = .goesOn }
        for word in usually.split(separator: " ") { readings[String(word)] = .endBeforeOpeningWord }
        return readings
    }()

    /// Words that rarely are, or begin, a name.
    private static let openingWords: Set<String> = Set(
        """
        a after all also although an and another any are as at because before both but by can could did do does during \
        each even every everyone everything finally first for from had has have he her here his how however i if in \
        instead is it its later let many maybe meanwhile most my next no nobody nothing now of oh on once one only or \
        our perhaps please she should since so some someone sometimes soon still such than thanks that the their then \
        there therefore these they this those though thus to today tomorrow tonight until was we well were what when \
        where whether which while who why with without would yes yesterday yet you your
        """.split(separator: " ").map(String.init)
    )
}

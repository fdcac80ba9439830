/// Says an English text: tries the rules at each token, the more special ones first, and copies what none of them knows.
///
/// A rule looks a bounded number of tokens around its own, besides those it takes, so the time is linear.
struct EnglishReader {
    /// What a rule makes of some tokens.
    struct Match {
        /// The words to say.
        var words: String
        /// The first token it did not take.
        var end: Int
    }

    let tokens: [Token]
    private var output = ""
    /// Whether the last words came from a rule, so that they need a space before letters.
    private var wasRule = false
    /// White space stood before words that were left out.
    private var hasSpace = false

    init(_ text: String) {
        tokens = Token.tokens(of: text)
    }

    /// The whole text as it is said.
    mutating func read() -> String {
        var index = 0
        while index < tokens.count {
            let token = tokens[index]
            if let match = match(at: index) {
                append(match.words, isSpaced: token.isSpaced, isRule: true)
                index = match.end
            } else {
                append(token.text, isSpaced: token.isSpaced, isRule: false)
                index += 1
            }
        }
        return output
    }

    private func match(at index: Int) -> Match? {
        switch tokens[index].kind {
        case .digits:
            dateMatch(at: index) ?? timeMatch(at: index) ?? phoneMatch(at: index) ?? codeMatch(at: index)
                ?? amountMatch(at: index)
        case .word:
            dottedMatch(at: index) ?? monthMatch(at: index) ?? abbreviationMatch(at: index) ?? romanMatch(at: index)
                ?? currencyMatch(at: index) ?? wordMatch(at: index)
        case .mark:
            phoneMatch(at: index) ?? currencyMatch(at: index) ?? numberMarkMatch(at: index) ?? signMatch(at: index)
        }
    }

    private mutating func append(_ words: String, isSpaced: Bool, isRule: Bool) {
        guard !words.isEmpty else {
            // What is left out parts the words around it.
            wasRule = true
            hasSpace = hasSpace || isSpaced
            return
        }
        let isSpaced = isSpaced || hasSpace
        hasSpace = false
        let touches = isRule || wasRule
        let meets = output.last.map(Self.isWordy) == true && words.first.map(Self.isWordy) == true
        if !output.isEmpty, isSpaced || (touches && meets), output.last != " " { output.append(" ") }
        output += words
        wasRule = isRule
    }

    private static func isWordy(_ character: Character) -> Bool { character.isLetter || character.isNumber }

    // MARK: Looking around

    /// The token at `index`, if there is one.
    func token(_ index: Int) -> Token? {
        tokens.indices.contains(index) ? tokens[index] : nil
    }

    /// The text of the token at `index` if it follows the one before without white space.
    func glued(_ index: Int) -> Token? {
        guard let token = token(index), !token.isSpaced else { return nil }
        return token
    }

    /// Whether a mark stands at `index` without white space before it.
    func isGlued(_ index: Int, _ mark: String) -> Bool { glued(index)?.text == mark }

    /// Digits at `index` without white space before them.
    func gluedDigits(_ index: Int) -> String? {
        guard let token = glued(index), token.kind == .digits else { return nil }
        return token.text
    }

    /// The word at `index` in small letters.
    func word(_ index: Int) -> String? {
        guard let token = token(index), token.kind == .word else { return nil }
        return token.lower
    }

    /// Whether nothing but closing marks follows from `index` on, or a sentence that begins with a capital.
    func endsSentence(at index: Int) -> Bool {
        var index = index
        while let token = token(index), token.kind == .mark, ["\"", "'", ")", "]", "”", "’"].contains(token.text) {
            index += 1
        }
        return index >= tokens.count
    }

    /// Whether a hyphen or a dash stands at `index`.
    func isDash(_ index: Int) -> Bool {
        guard let text = token(index)?.text else { return false }
        return text == "-" || text == "–" || text == "‑" || text == "−"
    }
}

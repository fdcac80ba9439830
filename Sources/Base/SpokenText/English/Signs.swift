/// Signs between words and numbers, said or left out.
extension EnglishReader {
    /// Signs that mean the same wherever they stand.
    private static let signs: [String: String] = [
        "&": "and", "@": "at", "+": "plus", "=": "equals", "±": "plus or minus", "×": "times", "÷": "divided by",
        "≠": "is not equal to", "≈": "about",
        "√": "the square root of", "∞": "infinity", "%": "percent", "‰": "per mille", "№": "number", "§": "section",
        "¶": "paragraph", "©": "copyright", "→": "to", "⇒": "to", "←": "from", "↔": "and", "↑": "up", "↓": "down",
        "⟶": "to", "®": "", "™": "", "†": "", "‡": "", "^": "to the power of", "_": "", "°": "degrees", "|": ",",
        "₀": "zero", "₁": "one", "₂": "two", "₃": "three", "₄": "four", "₅": "five", "₆": "six", "₇": "seven",
        "₈": "eight", "₉": "nine", "•": ",", "·": ",", "\\": "backslash", "~": "",
    ]
    /// Signs of several characters, the longer ones first.
    private static let compound: [(marks: [String], words: String)] = [
        (["<", "=", ">"], "if and only if"), (["<", "-", ">"], "and"), (["=", "=", "="], "equals"),
        (["!", "=", "="], "is not equal to"), (["-", "-", ">"], "to"),
        (["=", "="], "equals"), (["!", "="], "is not equal to"), (["<", ">"], "is not equal to"), (["=", ">"], "to"),
        (["-", ">"], "to"), (["<", "-"], "from"), (["+", "/", "-"], "plus or minus"), (["+", "-"], "plus or minus"),
        (["&", "&"], "and"), (["|", "|"], "or"),
    ]

    func signMatch(at index: Int) -> Match? {
        let token = tokens[index]
        if let compound = compoundMatch(at: index) { return compound }
        if let fraction = fractionWords(token.text, afterNumber: false) {
            return Match(words: fraction, end: index + 1)
        }
        switch token.text {
        case "-", "–", "−", "‑": return hyphenMatch(at: index)
        case "<", ">", "≤", "≥": return comparisonMatch(at: index)
        // "1,2"
        case ",": return isBetweenDigits(index) ? Match(words: ", ", end: index + 1) : nil
        case "/": return slashSignMatch(at: index)
        case ".": return pointMatch(at: index)
        case "#": return numberSignMatch(at: index)
        case "*": return Match(words: isBetweenNumbers(index) ? "times" : "", end: index + 1)
        case ":": return isBetweenDigits(index) ? Match(words: "to", end: index + 1) : nil
        case "²", "³", "^": return powerMatch(at: index)
        case "~": return Match(words: self.token(index + 1)?.kind == .digits ? "about" : "", end: index + 1)
        case "'", "’", "‘": return yearMarkMatch(at: index)
        case "=": return Match(words: isDrawn(index) ? "" : "equals", end: index + 1)
        default: return Self.signs[token.text].map { Match(words: $0, end: index + 1) }
        }
    }

    private func compoundMatch(at index: Int) -> Match? {
        for (marks, words) in Self.compound {
            let fits = marks.indices.allSatisfy { offset in
                offset == 0 ? token(index)?.text == marks[0] : isGlued(index + offset, marks[offset])
            }
            let end = index + marks.count
            // "<-5" is a comparison, and a longer row of the same mark is drawn.
            if fits, glued(end)?.text != marks.last, !(words == "from" && gluedDigits(end) != nil) {
                return Match(words: words, end: end)
            }
        }
        return nil
    }

    /// Whether a mark stands in a row of the same, as in `====`.
    private func isDrawn(_ index: Int) -> Bool {
        let text = tokens[index].text
        return isGlued(index + 1, text) || token(index - 1)?.text == text && !tokens[index].isSpaced
    }

    // MARK: Numbers with a sign

    /// `-5`, `.5`, `+5`: what belongs to the number that follows.
    func numberMarkMatch(at index: Int) -> Match? {
        let token = tokens[index]
        let followsNothing =
            index == 0 || token.isSpaced || "(=<>/*+,:~≈±[\"'“×÷".contains(self.token(index - 1)?.text ?? "")
        guard followsNothing else { return nil }
        switch token.text {
        case "-", "−", "–":
            let isNumber = gluedDigits(index + 1) != nil || isGlued(index + 1, ".") && gluedDigits(index + 2) != nil
            let isMoney = glued(index + 1).map { $0.kind == .mark && "$€£¥₹".contains($0.text) } ?? false
            guard isNumber || isMoney, token.text != "–" || index == 0 else { return nil }
            return Match(words: "minus", end: index + 1)
        case ".":
            guard let digits = gluedDigits(index + 1) else { return nil }
            return pointNumber(digits, at: index)
        default:
            return nil
        }
    }

    private func pointNumber(_ digits: String, at index: Int) -> Match {
        Match(words: "point " + EnglishNumbers.digits(digits), end: index + 2)
    }

    // MARK: One sign each

    private func isOperand(_ token: Token?) -> Bool {
        guard let token else { return false }
        return token.kind == .digits || token.kind == .word && token.text.unicodeScalars.count == 1 || token.text == ")"
            || token.text == "("
    }

    private func isBetweenNumbers(_ index: Int) -> Bool {
        let before = token(index - 1)
        let after = token(index + 1)
        return isOperand(before) && isOperand(after) && (before?.kind == .digits || after?.kind == .digits)
    }

    private func isBetweenDigits(_ index: Int) -> Bool {
        !tokens[index].isSpaced && token(index - 1)?.kind == .digits && gluedDigits(index + 1) != nil
    }

    private func hyphenMatch(at index: Int) -> Match? {
        let token = tokens[index]
        let before = self.token(index - 1)
        let after = self.token(index + 1)
        if token.isSpaced {
            guard after?.isSpaced == true else { return nil }
            if token.text == "–", before?.kind == .digits || before?.text == "%", after?.kind == .digits {
                return Match(words: "to", end: index + 1)
            }
            return isBetweenNumbers(index) && token.text != "–" ? Match(words: "minus", end: index + 1) : nil
        }
        guard let after, !after.isSpaced, let before else { return nil }
        if token.text == "−" { return Match(words: "minus", end: index + 1) }
        // "A-Z" is a range.
        let isLetters =
            before.text.utf8.count == 1 && after.text.utf8.count == 1 && before.isCapitalized && after.isCapitalized
        if isLetters, before.text == "A", after.text == "Z" { return Match(words: "to", end: index + 1) }
        // "COVID-19" and "5-year" have no pause.
        return before.kind == .digits || after.kind == .digits ? Match(words: "", end: index + 1) : nil
    }

    private func comparisonMatch(at index: Int) -> Match {
        let mark = tokens[index]
        let isEqualToo = mark.text == "≤" || mark.text == "≥" || isGlued(index + 1, "=")
        let end = isGlued(index + 1, "=") ? index + 2 : index + 1
        let before = token(index - 1)
        guard let after = token(end), !isDrawn(index) else { return Match(words: "", end: end) }
        let isParted = mark.isSpaced && after.isSpaced
        let isBeforeNumber = after.kind == .digits || "-−.$€£".contains(after.text)
        let isFormula = isOperand(before) && isOperand(after) && mark.isSpaced == after.isSpaced
        guard isParted || isBeforeNumber || isFormula || isEqualToo else { return Match(words: "", end: end) }
        let name = mark.text == "<" || mark.text == "≤" ? "less than" : "greater than"
        // "3 < 5" is a statement, "< 5" and "costs <5" are not.
        let verb = (isParted && before != nil || isFormula) && before?.kind != .mark ? "is " : ""
        return Match(words: verb + name + (isEqualToo ? " or equal to" : ""), end: end)
    }

    private func slashSignMatch(at index: Int) -> Match? {
        let token = tokens[index]
        guard let after = self.token(index + 1) else { return Match(words: "", end: index + 1) }
        if isGlued(index + 1, "/") { return Match(words: "", end: index + 2) }
        if token.isSpaced, after.isSpaced {
            return Match(words: isBetweenNumbers(index) ? "divided by" : "", end: index + 1)
        }
        if token.isSpaced || index == 0 { return Match(words: after.kind == .word ? "slash" : "", end: index + 1) }
        return Match(words: "", end: index + 1)
    }

    /// `example.com`, `main.swift`, `.env`
    private func pointMatch(at index: Int) -> Match? {
        let token = tokens[index]
        // "H.264"
        if !token.isSpaced, gluedDigits(index + 1) != nil, self.token(index - 1)?.kind == .word {
            return Match(words: "", end: index + 1)
        }
        guard let after = glued(index + 1), after.kind == .word else { return nil }
        if token.isSpaced || index == 0 { return Match(words: "dot", end: index + 1) }
        guard let before = self.token(index - 1), before.kind != .mark else { return nil }
        let isName = after.text.unicodeScalars.count > 1 && !after.isCapitalized
        let isHost = before.kind == .word && after.lower == "com"
        return isName || isHost ? Match(words: "dot", end: index + 1) : nil
    }

    private func numberSignMatch(at index: Int) -> Match {
        guard let after = glued(index + 1), after.text != "#" else { return Match(words: "", end: index + 1) }
        if after.kind == .digits { return Match(words: "number", end: index + 1) }
        return Match(words: after.kind == .word ? "hashtag" : "", end: index + 1)
    }

    private func powerMatch(at index: Int) -> Match? {
        switch tokens[index].text {
        case "²": return Match(words: "squared", end: index + 1)
        case "³": return Match(words: "cubed", end: index + 1)
        default: break
        }
        guard let power = glued(index + 1) else { return Match(words: "", end: index + 1) }
        switch power.text {
        case "2": return Match(words: "squared", end: index + 2)
        case "3": return Match(words: "cubed", end: index + 2)
        default:
            let isPower = power.kind != .mark || power.text == "-" || power.text == "(" || power.text == "{"
            return Match(words: isPower ? "to the power of" : "", end: index + 1)
        }
    }

    /// `'90s`, `'98`
    private func yearMarkMatch(at index: Int) -> Match? {
        guard let digits = gluedDigits(index + 1), digits.utf8.count == 2, tokens[index].isSpaced || index == 0 else {
            return nil
        }
        return Match(words: "", end: index + 1)
    }

    // MARK: Words with signs

    /// `C#`, `C++`, `w/o`, `v1.2`
    func wordMatch(at index: Int) -> Match? {
        let token = tokens[index]
        switch token.text {
        case "C", "F", "A", "G", "D":
            if isGlued(index + 1, "#"), glued(index + 2).map({ $0.kind == .mark }) ?? true {
                return Match(words: token.text + " sharp", end: index + 2)
            }
            fallthrough
        case "g":
            guard isGlued(index + 1, "+"), isGlued(index + 2, "+") else { return nil }
            return Match(words: token.text + " plus plus", end: index + 3)
        case "w", "W":
            guard isGlued(index + 1, "/") else { return nil }
            if let next = glued(index + 2), next.text == "o" { return Match(words: "without", end: index + 3) }
            return Match(words: "with", end: index + 2)
        case "v", "V":
            guard gluedDigits(index + 1) != nil, glued(index) == nil || index == 0 else { return nil }
            return Match(words: "version", end: index + 1)
        case "WWI", "WWII":
            return Match(words: token.text == "WWI" ? "World War one" : "World War two", end: index + 1)
        case "et", "Et":
            guard word(index + 1) == "al" else { return nil }
            let end = isGlued(index + 2, ".") ? index + 3 : index + 2
            return Match(words: "and others" + (end == index + 3 && endsSentence(at: end) ? "." : ""), end: end)
        default:
            return nil
        }
    }
}

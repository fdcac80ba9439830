/// Numbers that are names: telephone numbers, versions, addresses on the network, chains of digits.
extension EnglishReader {
    /// `555-1234`, `(555) 123-4567`, `+44 20 7946 0958`, `1-800-555-1234`.
    func phoneMatch(at index: Int) -> Match? {
        guard let first = token(index) else { return nil }
        if first.text == "+" { return internationalMatch(at: index) }
        if first.text == "(" {
            guard let area = gluedDigits(index + 1), area.utf8.count == 3, isGlued(index + 2, ")"),
                let groups = groups(at: index + 3, lengths: [3, 4])
            else { return nil }
            return Match(words: phoneWords([area] + groups), end: index + 6)
        }
        guard first.kind == .digits else { return nil }
        if let named = namedPhone(at: index) { return named }
        for lengths in [[1, 3, 3, 4], [3, 3, 4], [3, 2, 4], [3, 4]] {
            guard let groups = groups(at: index, lengths: lengths) else { continue }
            if lengths.count == 2 {
                // "100-1000" and "150-2000" are ranges.
                let isRange = groups.allSatisfy { $0.hasSuffix("0") } || "01".contains(groups[0].prefix(1))
                guard !isRange, isGlued(index + 1, "-") else { return nil }
            }
            return Match(words: phoneWords(groups), end: index + 2 * lengths.count - 1 - spaces(in: lengths, at: index))
        }
        return nil
    }

    /// `1-800-FLOWERS`
    private func namedPhone(at index: Int) -> Match? {
        guard tokens[index].text == "1", isGlued(index + 1, "-"), let area = gluedDigits(index + 2),
            area.utf8.count == 3, isGlued(index + 3, "-"), let name = glued(index + 4), name.kind == .word
        else { return nil }
        return Match(words: phoneWords(["1", area]) + ", " + name.text, end: index + 5)
    }

    /// How many marks fewer there are because spaces part the groups.
    private func spaces(in lengths: [Int], at index: Int) -> Int {
        token(index + 1)?.kind == .digits ? lengths.count - 1 : 0
    }

    /// Groups of digits of these lengths, with the same separator between all: a hyphen, a full stop or a space.
    private func groups(at index: Int, lengths: [Int]) -> [String]? {
        guard let first = token(index), first.kind == .digits, first.text.utf8.count == lengths[0] else { return nil }
        var groups = [first.text]
        var next = index + 1
        let mark = token(next)?.kind == .mark ? token(next)?.text : nil
        guard mark == nil || mark == "-" || mark == "." || mark == "‑" else { return nil }
        for length in lengths.dropFirst() {
            if let mark {
                guard isGlued(next, mark), let digits = gluedDigits(next + 1), digits.utf8.count == length else {
                    return nil
                }
                groups.append(digits)
                next += 2
            } else {
                guard lengths.count > 2, let token = token(next), token.kind == .digits, token.isSpaced,
                    token.text.utf8.count == length
                else { return nil }
                groups.append(token.text)
                next += 1
            }
        }
        if isDash(next), gluedDigits(next + 1) != nil { return nil }
        if let after = glued(next), after.kind == .word || after.text == "%" { return nil }
        return groups
    }

    private func phoneWords(_ groups: [String]) -> String {
        groups.map { group in
            group.utf8.count == 3 && group.hasSuffix("00") && !group.hasPrefix("0")
                ? EnglishNumbers.number(group) : EnglishNumbers.digits(group)
        }.joined(separator: ", ")
    }

    private func internationalMatch(at index: Int) -> Match? {
        var groups: [String] = []
        var count = 0
        var next = index + 1
        guard gluedDigits(next) != nil else { return nil }
        while let token = token(next), groups.count < 8 {
            if token.kind == .digits, count + token.text.utf8.count <= 15 {
                groups.append(token.text)
                count += token.text.utf8.count
                next += 1
            } else if ["-", ".", "(", ")"].contains(token.text),
                self.token(next + 1)?.kind == .digits
                    || self.token(next + 1)?.text == "("
            {
                next += 1
            } else {
                break
            }
        }
        guard count >= 8 else { return nil }
        return Match(words: "plus " + phoneWords(groups), end: next)
    }

    /// `1.2.3`, `10.0.0.1`, `978-3-16`, `1-2-3`.
    func codeMatch(at index: Int) -> Match? {
        guard let mark = glued(index + 1)?.text, mark == "." || mark == "-" else { return nil }
        var parts = [tokens[index].text]
        var end = index + 1
        while isGlued(end, mark), let digits = gluedDigits(end + 1) {
            parts.append(digits)
            end += 2
        }
        guard parts.count > 2, europeanNumber(tokens[index], at: index) == nil else { return nil }
        if mark == "-" {
            // "5-10-15" are numbers, longer ones are said digit by digit.
            let words = parts.map { $0.utf8.count <= 2 ? EnglishNumbers.number($0) : EnglishNumbers.digits($0) }
            return Match(words: words.joined(separator: ", "), end: end)
        }
        // A version has points, an address has dots.
        let separator = parts.count == 3 ? " point " : " dot "
        let words = parts.map { EnglishNumbers.number($0) }.joined(separator: separator)
        if parts.count == 4, isGlued(end, ":"), let port = gluedDigits(end + 1) {
            return Match(words: words + " port " + EnglishNumbers.number(port), end: end + 2)
        }
        return Match(words: words, end: end)
    }
}

/// Plain numbers: `1,234`, `3.14`, `2½`, `1 1/2`, `5k`, and what follows them.
extension EnglishReader {
    /// A number as it is written.
    struct Number {
        /// The digits before the point, without separators.
        var whole: String
        /// The digits after the point.
        var decimals: String?
        var isGrouped = false
        var end: Int

        var isOne: Bool { whole == "1" && decimals == nil }
        /// What its digits say.
        var words: String {
            let start = EnglishNumbers.number(whole, isGrouped: isGrouped)
            guard let decimals else { return start }
            return start + " point " + EnglishNumbers.digits(decimals)
        }
    }

    /// A number that may have a fraction, a multiplier or a range.
    struct Amount {
        var words: String
        /// Whether what is counted stands in the singular.
        var isSingular: Bool
        var end: Int
        /// The number it is, if there is nothing but that.
        var plain: Number?
    }

    /// The number that begins with the digits at `index`.
    func number(at index: Int) -> Number? {
        guard let first = token(index), first.kind == .digits else { return nil }
        if let other = europeanNumber(first, at: index) ?? spacedNumber(first, at: index) { return other }
        var number = Number(whole: first.text, end: index + 1)
        if first.text.utf8.count <= 3 {
            while let separator = glued(number.end), [",", "_", "'", "’"].contains(separator.text),
                let group = gluedDigits(number.end + 1), group.utf8.count == 3
            {
                number.whole += group
                number.isGrouped = true
                number.end += 2
            }
        }
        if isGlued(number.end, "."), let decimals = gluedDigits(number.end + 1) {
            number.decimals = decimals
            number.end += 2
        }
        return number
    }

    /// `1.234,56`
    func europeanNumber(_ first: Token, at index: Int) -> Number? {
        guard first.text.utf8.count <= 3 else { return nil }
        var number = Number(whole: first.text, isGrouped: true, end: index + 1)
        // As many groups as a number that is said as a whole may have.
        for _ in 0..<4 {
            guard isGlued(number.end, "."), let group = gluedDigits(number.end + 1), group.utf8.count == 3 else {
                break
            }
            number.whole += group
            number.end += 2
        }
        guard number.end > index + 1, isGlued(number.end, ","), let decimals = gluedDigits(number.end + 1),
            decimals.utf8.count <= 2
        else { return nil }
        number.decimals = decimals
        number.end += 2
        return number
    }

    /// `1 000 000`: groups of three digits after spaces, where a zero at the beginning of one shows that they belong
    /// together.
    private func spacedNumber(_ first: Token, at index: Int) -> Number? {
        guard first.text.utf8.count <= 3, !first.text.hasPrefix("0") else { return nil }
        var number = Number(whole: first.text, isGrouped: true, end: index + 1)
        var hasZero = false
        for _ in 0..<4 {
            guard let group = token(number.end), group.kind == .digits, group.text.utf8.count == 3 else { break }
            hasZero = hasZero || group.text.hasPrefix("0")
            number.whole += group.text
            number.end += 1
        }
        guard hasZero, token(number.end)?.kind != .digits else { return nil }
        return number
    }

    /// Multipliers that are letters.
    static let multipliers: [String: String] = [
        "k": "thousand", "K": "thousand", "M": "million", "mn": "million", "mln": "million", "mio": "million",
        "mil": "million", "bn": "billion", "bln": "billion", "B": "billion", "tn": "trillion", "trn": "trillion",
        "T": "trillion", "MM": "million",
    ]
    /// Multipliers that are words.
    static let multiplierWords: Set<String> = [
        "hundred", "thousand", "million", "billion", "trillion", "quadrillion", "dozen",
    ]

    private static let fractions: [String: (one: String, words: String)] = [
        "½": ("one half", "a half"), "¼": ("one quarter", "a quarter"), "¾": ("three quarters", "three quarters"),
        "⅓": ("one third", "a third"), "⅔": ("two thirds", "two thirds"), "⅛": ("one eighth", "an eighth"),
        "⅜": ("three eighths", "three eighths"), "⅝": ("five eighths", "five eighths"),
        "⅞": ("seven eighths", "seven eighths"), "⅕": ("one fifth", "a fifth"), "⅖": ("two fifths", "two fifths"),
        "⅗": ("three fifths", "three fifths"), "⅘": ("four fifths", "four fifths"), "⅙": ("one sixth", "a sixth"),
        "⅚": ("five sixths", "five sixths"),
    ]

    /// What a sign such as `½` says, by itself or after a whole number.
    func fractionWords(_ sign: String, afterNumber: Bool) -> String? {
        Self.fractions[sign].map { afterNumber ? $0.words : $0.one }
    }

    /// The amount at `index`. `isMoney` allows the multipliers that elsewhere are units or letters.
    func amount(at index: Int, isMoney: Bool = false, allowsRange: Bool = true) -> Amount? {
        guard let number = number(at: index) else { return nil }
        var amount = Amount(words: number.words, isSingular: number.isOne, end: number.end, plain: number)
        takeFraction(&amount, number)
        takeMultiplier(&amount, isMoney: isMoney)
        if allowsRange { takeRange(&amount, number, from: index, isMoney: isMoney) }
        return amount
    }

    private func takeFraction(_ amount: inout Amount, _ number: Number) {
        guard number.decimals == nil else { return }
        if let sign = token(amount.end), let words = fractionWords(sign.text, afterNumber: true) {
            amount = Amount(words: amount.words + " and " + words, isSingular: false, end: amount.end + 1)
        } else if let next = token(amount.end), next.isSpaced, next.kind == .digits,
            isGlued(amount.end + 1, "/"), let below = gluedDigits(amount.end + 2), !isGlued(amount.end + 3, "/"),
            let words = commonFraction(next.text, below, afterNumber: true)
        {
            amount = Amount(words: amount.words + " and " + words, isSingular: false, end: amount.end + 3)
        }
    }

    /// A fraction that people say as one: `three quarters`.
    func commonFraction(_ above: String, _ below: String, afterNumber: Bool = false) -> String? {
        guard let above = Int(above), let below = Int(below), above > 0, above < below,
            [2, 3, 4, 5, 6, 8, 16, 32, 64].contains(below)
        else { return nil }
        let name = below == 2 ? "half" : below == 4 ? "quarter" : EnglishNumbers.ordinal(below)
        if above > 1 { return EnglishNumbers.cardinal(above) + " " + name + "s" }
        return (afterNumber ? (name == "eighth" ? "an " : "a ") : "one ") + name
    }

    private func takeMultiplier(_ amount: inout Amount, isMoney: Bool) {
        guard let next = token(amount.end) else { return }
        if Self.multiplierWords.contains(next.text) {
            amount = Amount(words: amount.words + " " + next.text, isSingular: false, end: amount.end + 1)
        } else if isGlued(amount.end, "-"), let word = glued(amount.end + 1), Self.multiplierWords.contains(word.text) {
            amount = Amount(words: amount.words + " " + word.text, isSingular: false, end: amount.end + 2)
        } else if let word = multiplier(next, isMoney: isMoney) {
            amount = Amount(words: amount.words + " " + word, isSingular: false, end: amount.end + 1)
        }
    }

    private func multiplier(_ token: Token, isMoney: Bool) -> String? {
        guard token.kind == .word else { return nil }
        if let word = Self.multipliers[token.text] {
            let isLetter = token.text.utf8.count == 1
            if isMoney { return token.isSpaced && isLetter ? nil : word }
            // "4K" and "5T" are names as often as numbers.
            return isLetter && (token.isSpaced || token.text == "K" || token.text == "T") ? nil : word
        }
        guard isMoney, !token.isSpaced else { return nil }
        return ["m": "million", "b": "billion", "t": "trillion"][token.text]
    }

    /// `5-10`, `5–10`, `5 – 10`.
    private func takeRange(_ amount: inout Amount, _ first: Number, from index: Int, isMoney: Bool) {
        let dash = amount.end
        guard isDash(dash), let mark = token(dash), let after = token(dash + 1), after.kind == .digits else { return }
        guard mark.isSpaced == after.isSpaced, !mark.isSpaced || mark.text == "–", mark.text != "−" else { return }
        guard let second = self.amount(at: dash + 1, isMoney: isMoney, allowsRange: false) else { return }
        // "1-2-3" is no range.
        guard !isDash(second.end) || token(second.end + 1)?.kind != .digits else { return }
        if let start = yearValue(first), let number = second.plain, number.decimals == nil, !number.isGrouped {
            if let end = yearValue(number) {
                amount = Amount(
                    words: EnglishNumbers.year(start) + " to " + EnglishNumbers.year(end),
                    isSingular: false,
                    end: second.end
                )
                return
            }
            if number.whole.utf8.count == 2, let end = Int(number.whole), end > start % 100 {
                let words = number.whole.hasPrefix("0") ? "oh " + EnglishNumbers.cardinal(end) : number.words
                amount = Amount(words: EnglishNumbers.year(start) + " to " + words, isSingular: false, end: second.end)
                return
            }
        }
        amount = Amount(words: amount.words + " to " + second.words, isSingular: false, end: second.end)
    }

    /// The value of a number that may be a year; if that `isCertain`, of any with four digits.
    func yearValue(_ number: Number, isCertain: Bool = false) -> Int? {
        guard number.decimals == nil, !number.isGrouped, number.whole.utf8.count == 4, let value = Int(number.whole),
            isCertain || (1100...2099).contains(value)
        else { return nil }
        return value
    }

    // MARK: The rule

    func amountMatch(at index: Int) -> Match? {
        guard let number = number(at: index) else { return nil }
        let isPartOfName = isPartOfName(index)
        if !isPartOfName {
            if let match = ordinalMatch(number) ?? decadeMatch(number, at: index) { return match }
            if let match = slashMatch(at: index) ?? sizeMatch(number) { return match }
        }
        if isPartOfName { return Match(words: nameNumber(number), end: number.end) }
        guard let amount = amount(at: index) else { return nil }
        if let match = moneyMatch(after: amount, at: index) ?? unitMatch(amount, at: index) { return match }
        if let plain = amount.plain {
            if isSaidDigitByDigit(before: index), plain.decimals == nil {
                return Match(words: EnglishNumbers.digits(plain.whole), end: plain.end)
            }
            if let value = yearValue(plain, isCertain: isAfterYearWord(index)), isYear(at: index, end: plain.end) {
                return Match(words: EnglishNumbers.year(value), end: plain.end)
            }
        }
        return Match(words: amount.words, end: amount.end)
    }

    /// Whether letters touch the digits on the left: `A4`, `MP3`, `COVID-19`.
    private func isPartOfName(_ index: Int) -> Bool {
        guard let own = token(index), !own.isSpaced, let before = token(index - 1) else { return false }
        return before.kind == .word
    }

    private func nameNumber(_ number: Number) -> String {
        guard number.decimals == nil, !number.isGrouped else { return number.words }
        return number.whole.utf8.count == 4 ? yearValue(number).map(EnglishNumbers.year) ?? number.words : number.words
    }

    private func ordinalMatch(_ number: Number) -> Match? {
        guard number.decimals == nil, let ending = glued(number.end), let value = Int(number.whole),
            ["st", "nd", "rd", "th", "º", "ª"].contains(ending.lower)
        else { return nil }
        let end = number.end + 1
        if isDash(end), glued(end) != nil, glued(end + 1) != nil, let next = self.number(at: end + 1),
            next.decimals == nil, let ending = glued(next.end), let last = Int(next.whole),
            ["st", "nd", "rd", "th"].contains(ending.lower)
        {
            return Match(
                words: EnglishNumbers.ordinal(value) + " to " + EnglishNumbers.ordinal(last),
                end: next.end + 1
            )
        }
        return Match(words: EnglishNumbers.ordinal(value), end: end)
    }

    private static let decadeWords: Set<String> = [
        "the", "his", "her", "their", "my", "our", "your", "its", "early", "late", "mid", "in", "of", "'", "’",
    ]

    /// `1990s`, `1990's`, `90s` where it is no number of seconds.
    private func decadeMatch(_ number: Number, at index: Int) -> Match? {
        guard number.decimals == nil, !number.isGrouped, let value = Int(number.whole), value % 10 == 0 else {
            return nil
        }
        var end = number.end
        var hasApostrophe = false
        if let mark = glued(end), mark.text == "'" || mark.text == "’" {
            hasApostrophe = true
            end += 1
        }
        guard let ending = glued(end), ending.text == "s" else { return nil }
        if number.whole.utf8.count == 4 {
            return Match(words: EnglishNumbers.plural(EnglishNumbers.year(value)), end: end + 1)
        }
        guard (20...90).contains(value) else { return nil }
        let before = token(index - 1)
        let isDecade = before.map { Self.decadeWords.contains($0.lower) } ?? false || isDash(index - 1)
        // "90s music" is a decade, "30s" by itself are seconds.
        guard isDecade || hasApostrophe || value >= 60 && token(end + 1)?.kind == .word else { return nil }
        return Match(words: EnglishNumbers.plural(EnglishNumbers.cardinal(value)), end: end + 1)
    }

    /// `24/7`, `1/2`, `9/10`, `9/11`.
    private func slashMatch(at index: Int) -> Match? {
        guard let above = token(index)?.text, isGlued(index + 1, "/"), let below = gluedDigits(index + 2),
            !isGlued(index + 3, "/"), above.utf8.count <= 4, below.utf8.count <= 4,
            !(isGlued(index + 3, ".") && gluedDigits(index + 4) != nil)
        else { return nil }
        let end = index + 3
        switch "\(above)/\(below)" {
        case "24/7": return Match(words: "twenty-four seven", end: end)
        case "9/11": return Match(words: "nine eleven", end: end)
        case "50/50": return Match(words: "fifty fifty", end: end)
        default: break
        }
        if let words = commonFraction(above, below) { return Match(words: words, end: end) }
        let separator = below == "10" || below == "100" ? " out of " : above == below ? " " : " slash "
        return Match(words: EnglishNumbers.number(above) + separator + EnglishNumbers.number(below), end: end)
    }

    /// `10x`, `3x4`, `1920×1080`.
    private func sizeMatch(_ number: Number) -> Match? {
        if let lines = glued(number.end), lines.text == "p", number.whole.utf8.count == 4, let value = Int(number.whole)
        {
            return Match(words: EnglishNumbers.year(value) + " P", end: number.end + 1)
        }
        guard let times = token(number.end), ["x", "X", "×"].contains(times.text), number.whole != "0" else {
            return nil
        }
        if let second = token(number.end + 1), second.kind == .digits, second.isSpaced == times.isSpaced,
            let other = self.number(at: number.end + 1)
        {
            let word = times.text == "×" ? "times" : "by"
            return Match(words: "\(sizeWords(number)) \(word) \(sizeWords(other))", end: other.end)
        }
        guard !times.isSpaced, times.text != "×" else { return nil }
        return Match(words: number.words + " times", end: number.end + 1)
    }

    private func sizeWords(_ number: Number) -> String {
        yearValue(number, isCertain: true).map(EnglishNumbers.year) ?? number.words
    }

    private static let digitWords: Set<String> = [
        "pin", "code", "zip", "zipcode", "password", "passcode", "extension", "ext", "otp", "dial", "call", "isbn",
    ]

    private func isSaidDigitByDigit(before index: Int) -> Bool {
        var before = index - 1
        if let mark = token(before), [":", "#", "."].contains(mark.text) { before -= 1 }
        if word(before) == "is" { before -= 1 }
        return word(before).map(Self.digitWords.contains) ?? false
    }

    // MARK: Years

    private static let yearWords: Set<String> = [
        "in", "since", "until", "till", "during", "year", "years", "circa", "ca", "early", "late", "mid", "spring",
        "summer", "autumn", "fall", "winter", "the", "of", "copyright", "born", "died", "anno", "back", "this",
    ]
    /// Words that end in "s" and are no plurals.
    private static let noPlurals: Set<String> = [
        "was", "is", "has", "does", "as", "his", "this", "us", "its", "plus", "across", "always", "perhaps", "sees",
        "saw", "marks", "minus", "yes", "thus", "besides", "towards",
    ]

    private func isAfterYearWord(_ index: Int) -> Bool { word(index - 1).map(Self.yearWords.contains) ?? false }

    private func isYear(at index: Int, end: Int) -> Bool {
        if isAfterYearWord(index) { return true }
        if let next = word(end), ["ad", "bc", "bce", "ce"].contains(next) { return true }
        // "1984 people" is no year, nor is "1500 kilograms"; of "people" only the ending is known.
        guard let next = word(end), token(end)?.isCapitalized == false else { return true }
        let isPlural = next.hasSuffix("s") && next.utf8.count > 3 && !Self.noPlurals.contains(next)
        return !isPlural && !["people", "men", "women", "children", "feet", "more"].contains(next)
    }
}

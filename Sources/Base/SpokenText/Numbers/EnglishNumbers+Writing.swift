extension EnglishNumbers {
    /// The most digits of a number that is said as a whole; a longer one is said digit by digit, unless it is round.
    static let mostDigits = 9
    /// The most digits of a round number or one with separators that is said as a whole.
    static let mostRoundDigits = 15

    /// `value`, which is not negative: `forty-two`, `one thousand nine hundred`.
    static func cardinal(_ value: Int) -> String {
        guard value >= 100 else { return belowHundred(value) }
        guard value >= 1000 else {
            let rest = value % 100
            return "\(smallWords[value / 100]) hundred" + (rest == 0 ? "" : " " + belowHundred(rest))
        }
        var parts: [String] = []
        var rest = value
        var scale = -1
        while rest > 0 {
            let group = rest % 1000
            if group > 0, scale < scaleWords.count {
                parts.append(cardinal(group) + (scale < 0 ? "" : " " + scaleWords[scale]))
            }
            rest /= 1000
            scale += 1
        }
        return parts.reversed().joined(separator: " ")
    }

    /// `value`, which is not negative: `forty-second`.
    static func ordinal(_ value: Int) -> String {
        changingLastWord(of: cardinal(value)) { word in
            irregularOrdinals[word] ?? (word.hasSuffix("y") ? word.dropLast() + "ieth" : word + "th")
        }
    }

    /// The plural of `words`, which end in a number: `nineteen nineties`, `twenties`, `two thousands`.
    static func plural(_ words: String) -> String {
        changingLastWord(of: words) { word in
            if word.hasSuffix("y") { return word.dropLast() + "ies" }
            return word + (word.hasSuffix("x") ? "es" : "s")
        }
    }

    /// A year of four digits: `nineteen oh five`, `two thousand five`, `twenty twenty-six`.
    static func year(_ value: Int) -> String {
        let (century, rest) = (value / 100, value % 100)
        // "two thousand five", and "one thousand" is one of itself.
        if century % 10 == 0, rest < 10 { return cardinal(value) }
        let end = rest == 0 ? "hundred" : rest < 10 ? "oh " + smallWords[rest] : belowHundred(rest)
        return belowHundred(century) + " " + end
    }

    /// Digits one by one; other characters are left out.
    static func digits(_ text: some StringProtocol) -> String {
        text.utf8.compactMap { byte in
            (48...57).contains(byte) ? smallWords[Int(byte) - 48] : nil
        }.joined(separator: " ")
    }

    /// A number of digits alone, said as a whole unless it is long or begins with a zero that means something.
    static func number(_ digits: String, isGrouped: Bool = false) -> String {
        let count = digits.utf8.count
        if count > 1, digits.hasPrefix("0") { return self.digits(digits) }
        let isWhole = count <= mostDigits || count <= mostRoundDigits && (isGrouped || digits.hasSuffix("000000"))
        guard isWhole, let value = Int(digits) else { return self.digits(digits) }
        return cardinal(value)
    }

    private static func belowHundred(_ value: Int) -> String {
        guard value >= 20 else { return smallWords[value] }
        let ten = tensWords[value / 10 - 2]
        return value % 10 == 0 ? ten : "\(ten)-\(smallWords[value % 10])"
    }

    private static func changingLastWord(of words: String, _ change: (String) -> String) -> String {
        let start = words.lastIndex { $0 == " " || $0 == "-" }.map(words.index(after:)) ?? words.startIndex
        return words[..<start] + change(String(words[start...]))
    }
}

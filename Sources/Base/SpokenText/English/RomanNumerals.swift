/// Roman numerals after the words and names that they follow: `World War II`, `Henry VIII`, `Chapter IV`.
extension EnglishReader {
    /// Words whose numeral is a plain number.
    private static let counted: Set<String> = Set(
        """
        act annex apollo appendix article book bowl canto category chapter class division episode fantasy figure grade \
        group league level lot mark mission movement number olympiad opus part phase quest rocky round saturn scene \
        schedule season section series stage step symphony table tier title type unit vatican version vol volume war
        """.split(separator: " ").map(String.init)
    )
    /// Names of rulers and popes, whose numeral is an ordinal.
    private static let rulers: Set<String> = Set(
        """
        abdullah adrian albert alexander alexios alfonso alphonse amenhotep antiochus augustus baldwin beatrix benedict \
        boniface carlos catherine charlemagne charles christian clement cleopatra clovis constantine conrad cyrus darius \
        edmund edward elizabeth eric ethelred eugene felipe ferdinand francis franz frederick friedrich george gregory \
        gustav gustavus haakon harold hassan henri henry honorius innocent isabella ivan james joseph john juan julius \
        leo leopold louis ludwig magnus malcolm manuel margaret maria mary maximilian maurice mehmed michael mithridates \
        mohammed murad napoleon nicholas olaf oscar otto paul pedro pepin peter philip philippe pius ptolemy ramesses ramses \
        richard robert rudolf rudolph selim sigismund sixtus stephen suleiman sylvester theodosius thutmose tiberius urban \
        valentinian victor vittorio vladislav wenceslaus wilhelm willem william xerxes yohannes
        """.split(separator: " ").map(String.init)
    )
    /// First names of families in which a name goes on.
    private static let givenNames: Set<String> = Set(
        """
        andrew anthony arthur benjamin charles daniel david edward frank frederick george harold harry henry howard james \
        john joseph lawrence louis martin michael patrick paul peter philip ralph raymond richard robert samuel stephen \
        steven theodore thomas thurston walter william
        """.split(separator: " ").map(String.init)
    )
    private static let rulersTitles: Set<String> = [
        "king", "queen", "pope", "emperor", "empress", "tsar", "czar", "kaiser", "prince", "princess", "sultan", "duke",
        "pharaoh", "saint", "shah",
    ]
    private static let afterRuler: Set<String> = [
        "of", "ruled", "reigned", "died", "became", "who", "whose", "succeeded",
    ]

    func romanMatch(at index: Int) -> Match? {
        guard let token = token(index) else { return nil }
        var numeral = token.text
        var ending = ""
        for suffix in ["'s", "’s"] where numeral.hasSuffix(suffix) {
            numeral.removeLast(2)
            ending = suffix
        }
        guard let value = Self.roman(numeral), glued(index + 1)?.kind != .digits else { return nil }
        if let century = century(after: index), value <= 30 {
            return Match(words: EnglishNumbers.ordinal(value), end: century)
        }
        guard let before = self.token(index - 1), before.kind == .word, token.isSpaced else { return nil }
        let isLetter = numeral.utf8.count == 1
        // "C", "D", "L" and "M" are initials.
        if isLetter, !["I", "V", "X"].contains(numeral) { return nil }
        let end = index + 1
        if Self.counted.contains(before.lower) {
            // "the part I like"
            guard !isLetter || before.isCapitalized || before.lower == "vol" else { return nil }
            return Match(words: EnglishNumbers.cardinal(value) + ending, end: end)
        }
        guard before.isCapitalized, value <= 40 else { return nil }
        if Self.rulers.contains(before.lower) {
            guard numeral != "I" || isRuler(at: index), numeral != "X" || before.lower != "malcolm" else { return nil }
            return Match(words: "the " + EnglishNumbers.ordinal(value) + ending, end: end)
        }
        guard !isLetter, numeral.utf8.allSatisfy({ "IVX".utf8.contains($0) }),
            !["IV", "VI", "XI", "XX"].contains(numeral)
        else { return nil }
        let isFamily = word(index - 2).map(Self.givenNames.contains) == true || isInitial(index - 2)
        return Match(
            words: (isFamily ? "the " + EnglishNumbers.ordinal(value) : EnglishNumbers.cardinal(value)) + ending,
            end: end
        )
    }

    /// "John D. Rockefeller III"
    private func isInitial(_ index: Int) -> Bool {
        token(index)?.text == "." && token(index - 1)?.isCapitalized == true && token(index - 1)?.text.utf8.count == 1
    }

    /// Whether the "I" at `index` is a number and not the speaker.
    private func isRuler(at index: Int) -> Bool {
        if let title = word(index - 2), Self.rulersTitles.contains(title) { return true }
        // "Elizabeth I was crowned", but "With Elizabeth I was happy".
        if index == 1 { return true }
        guard let next = token(index + 1) else { return true }
        return next.kind == .mark || next.kind == .word && Self.afterRuler.contains(next.text)
    }

    private func century(after index: Int) -> Int? {
        let isHyphenated = isGlued(index + 1, "-")
        guard let next = word(isHyphenated ? index + 2 : index + 1), ["century", "centuries", "c"].contains(next) else {
            return nil
        }
        return isHyphenated ? index + 2 : index + 1
    }

    /// The value of a numeral as it is properly written, up to 3999.
    static func roman(_ text: String) -> Int? {
        let values: [UInt8: Int] = [
            UInt8(ascii: "I"): 1, UInt8(ascii: "V"): 5, UInt8(ascii: "X"): 10, UInt8(ascii: "L"): 50,
            UInt8(ascii: "C"): 100, UInt8(ascii: "D"): 500, UInt8(ascii: "M"): 1000,
        ]
        guard (1...15).contains(text.utf8.count) else { return nil }
        var total = 0
        var last = 0
        for letter in text.utf8.reversed() {
            guard let value = values[letter] else { return nil }
            total += value < last ? -value : value
            last = max(last, value)
        }
        return total > 0 && total < 4000 && writing(total) == text ? total : nil
    }

    private static func writing(_ value: Int) -> String {
        let steps = [
            (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"),
            (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
        ]
        var rest = value
        var text = ""
        for (step, letters) in steps {
            while rest >= step {
                text += letters
                rest -= step
            }
        }
        return text
    }
}

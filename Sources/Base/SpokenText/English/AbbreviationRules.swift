/// Abbreviations written out where the words around them agree.
extension EnglishReader {
    private enum Place {
        /// Anywhere, if a full stop follows.
        case anywhere
        /// Anywhere, with a full stop or without.
        case always
        /// Before a name.
        case beforeName
        /// Before a number.
        case beforeNumber
        /// After a name.
        case afterName
    }

    private static let abbreviations: [String: (words: String, place: Place)] = {
        let table: [(Place, String)] = [
            (.always, "mr Mister; mrs Missus; vs versus; etc et_cetera"),
            (
                .beforeName,
                """
                ms Miz; prof Professor; gen General; gov Governor; sen Senator; rep Representative; rev Reverend; \
                hon Honorable; sgt Sergeant; capt Captain; lt Lieutenant; col Colonel; cpl Corporal; pvt Private; \
                maj Major; adm Admiral; cmdr Commander; pres President; mt Mount; ft Fort; messrs Messieurs; fr Father
                """
            ),
            (
                .beforeNumber,
                """
                no number; nos numbers; fig figure; figs figures; p page; pp pages; vol volume; ch chapter; chap chapter; \
                sec section; art article; eq equation; ext extension; ca circa; c circa; est established; apt apartment; \
                rm room; tel telephone; op opus
                """
            ),
            (
                .afterName,
                """
                jr Junior; sr Senior; ave Avenue; blvd Boulevard; rd Road; ln Lane; hwy Highway; pkwy Parkway; sq Square; \
                inc Incorporated; ltd Limited; co Company; corp Corporation; bros Brothers; esq Esquire
                """
            ),
            (
                .anywhere,
                """
                approx approximately; dept department; univ university; assn association; govt government; avg average; \
                max maximum; min minimum; incl including; excl excluding; misc miscellaneous; temp temperature; \
                cf compare; viz namely; hrs hours; mins minutes; secs seconds; yrs years; tel telephone
                """
            ),
        ]
        var abbreviations: [String: (words: String, place: Place)] = [:]
        for (place, list) in table {
            for entry in list.split(separator: ";") {
                let words = entry.split(whereSeparator: \.isWhitespace)
                abbreviations[String(words[0])] = (String(words[1]).replacing("_", with: " "), place)
            }
        }
        return abbreviations
    }()

    /// Those that are as common without their full stop.
    private static let withoutStop: Set<String> = ["mr", "mrs", "ms", "vs", "jr", "sr", "prof", "etc", "st", "dr"]

    func abbreviationMatch(at index: Int) -> Match? {
        let token = tokens[index]
        let hasStop = isGlued(index + 1, ".")
        // "a.b" is an address.
        if hasStop, let after = glued(index + 2), after.kind != .mark, after.kind == .word || !token.isCapitalized {
            guard token.lower == "no" || token.lower == "p" || token.lower == "fig", after.kind == .digits else {
                return nil
            }
        }
        let end = hasStop ? index + 2 : index + 1
        if token.lower == "st" || token.lower == "dr" { return saintOrStreet(at: index, end: end) }
        if let initial = initialMatch(at: index, end: end, hasStop) { return initial }
        // "20 min." are minutes, and "/etc" is a folder.
        if token.text == "min", self.token(index - 1)?.kind == .digits {
            return Match(words: "minutes", end: index + 1)
        }
        guard let (words, place) = Self.abbreviations[token.lower], self.token(index - 1)?.text != "/" else {
            return nil
        }
        guard hasStop || Self.withoutStop.contains(token.lower) else { return nil }
        let fits =
            switch place {
            case .always, .anywhere: true
            case .beforeName: token.isCapitalized && isName(end)
            case .beforeNumber: self.token(end)?.kind == .digits || isCapitalNumeral(end)
            case .afterName: token.isCapitalized && isAfterName(index)
            }
        guard fits, !token.text.contains("'") else { return nil }
        return Match(words: words + (hasStop && endsSentence(at: end) ? "." : ""), end: end)
    }

    private func isName(_ index: Int) -> Bool { token(index)?.isCapitalized == true }

    private func isCapitalNumeral(_ index: Int) -> Bool {
        // "No. I won't."
        token(index).map { $0.kind == .word && $0.text != "I" && Self.roman($0.text) != nil } ?? false
    }

    private func isAfterName(_ index: Int) -> Bool {
        var before = index - 1
        if token(before)?.text == "," { before -= 1 }
        // "5th Ave."
        let isOrdinal = word(before).map(["st", "nd", "rd", "th"].contains) ?? false
        return isOrdinal || token(before)?.isCapitalized == true || token(before)?.text == "&"
            || token(before)?.text == "."
    }

    /// `J. Smith`: the full stop of an initial is no pause.
    private func initialMatch(at index: Int, end: Int, _ hasStop: Bool) -> Match? {
        let text = tokens[index].text
        guard hasStop, text.utf8.count == 1, tokens[index].isCapitalized, text != "I", isName(end),
            token(end)?.isSpaced == true
        else { return nil }
        return Match(words: text, end: end)
    }

    /// `St. John` and `Main St.`, `Dr. Smith` and `Rodeo Dr.`
    private func saintOrStreet(at index: Int, end: Int) -> Match? {
        let isSaint = tokens[index].lower == "st"
        let isAfterPlace = token(index - 1)?.isCapitalized == true && tokens[index].isSpaced
        // "12 Main St. Springfield": a house number stands before the name.
        let hasHouse = isAfterPlace && (1...3).contains { token(index - 1 - $0)?.kind == .digits }
        let isStreet = hasHouse || isAfterPlace && !isName(end)
        guard tokens[index].isCapitalized, isStreet || isName(end) else { return nil }
        let words = isStreet ? (isSaint ? "Street" : "Drive") : isSaint ? "Saint" : "Doctor"
        let hasStop = end == index + 2
        return Match(words: words + (hasStop && endsSentence(at: end) ? "." : ""), end: end)
    }

    private static let dotted: [String: String] = [
        "eg": "for example", "ie": "that is", "am": "AM", "pm": "PM", "phd": "PhD", "md": "M D", "ba": "B A",
        "ma": "M A", "bsc": "B S C", "msc": "M S C", "ad": "A D", "bc": "B C", "bce": "B C E", "ce": "C E",
        "aka": "also known as",
        "qed": "Q E D", "ps": "P S", "nb": "note", "rip": "R I P",
    ]

    /// `e.g.`, `U.S.A.`, `Ph.D.`
    func dottedMatch(at index: Int) -> Match? {
        var parts: [String] = []
        var next = index
        while let part = parts.isEmpty ? token(next) : glued(next), part.kind == .word, part.text.utf8.count <= 2,
            isGlued(next + 1, "."), parts.count < 8
        {
            parts.append(part.text)
            next += 2
        }
        guard parts.count > 1, glued(next).map({ $0.kind == .mark }) ?? true else { return nil }
        let letters = parts.joined()
        let words: String
        if let known = Self.dotted[letters.lowercased()], letters.lowercased() != "us" {
            words = known
        } else if parts.allSatisfy({ $0.utf8.count == 1 }) {
            words = parts.map { $0.uppercased() }.joined(separator: " ")
        } else {
            return nil
        }
        return Match(words: words + (endsSentence(at: next) ? "." : ""), end: next)
    }
}

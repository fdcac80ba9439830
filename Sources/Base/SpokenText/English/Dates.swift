/// Dates: `2026-11-30`, `11/30/2026`, `30.11.2026`, `Nov. 30, 2026`, `30 November`.
extension EnglishReader {
    private static let monthNames = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]
    private static let months: [String: Int] = {
        var months: [String: Int] = ["Sept": 9]
        for (index, name) in monthNames.enumerated() {
            months[name] = index + 1
            months[String(name.prefix(3))] = index + 1
            months[name.uppercased()] = index + 1
            months[name.prefix(3).uppercased()] = index + 1
        }
        return months
    }()
    private static let days: [String: String] = [
        "Mon": "Monday", "Tue": "Tuesday", "Tues": "Tuesday", "Wed": "Wednesday", "Thu": "Thursday",
        "Thur": "Thursday", "Thurs": "Thursday", "Fri": "Friday", "Sat": "Saturday", "Sun": "Sunday",
    ]

    /// The month at `index`, and the first token after it and its full stop.
    private func month(at index: Int) -> (number: Int, end: Int, isShort: Bool)? {
        guard let token = token(index), let number = Self.months[token.text] else { return nil }
        let isShort = token.text.utf8.count < Self.monthNames[number - 1].utf8.count
        return (number, isShort && isGlued(index + 1, ".") ? index + 2 : index + 1, isShort)
    }

    /// A day at `index`, with or without its ending.
    private func day(at index: Int) -> (number: Int, end: Int)? {
        guard let token = token(index), token.kind == .digits, token.text.utf8.count <= 2, let number = Int(token.text),
            (1...31).contains(number)
        else { return nil }
        if let ending = glued(index + 1) {
            if ["st", "nd", "rd", "th"].contains(ending.text) { return (number, index + 2) }
            if ["%", ":", "/", "°"].contains(ending.text) || ending.kind == .word { return nil }
            if ending.text == "." || ending.text == ",", gluedDigits(index + 2) != nil { return nil }
        }
        return (number, index + 1)
    }

    private func year(at index: Int) -> (number: Int, end: Int)? {
        guard let token = token(index), token.kind == .digits, token.text.utf8.count == 4, let number = Int(token.text),
            (1000...2999).contains(number), !isGlued(index + 1, ":"), !isGlued(index + 1, "%")
        else { return nil }
        if let ending = glued(index + 1) {
            if ending.kind == .word || ["/", "'", "’"].contains(ending.text) { return nil }
            if [".", ","].contains(ending.text), gluedDigits(index + 2) != nil { return nil }
        }
        return (number, index + 1)
    }

    /// `, twenty twenty-six` for a year that follows a date at `index`, after a comma or not.
    private func yearAfterDate(at index: Int) -> Match? {
        let start = isGlued(index, ",") ? index + 1 : index
        guard token(start)?.isSpaced == true, let year = year(at: start) else { return nil }
        return Match(words: ", " + EnglishNumbers.year(year.number), end: year.end)
    }

    // MARK: Names of months and days

    /// `Nov. 30, 2026`, `November 2026`, `Nov 5-10`, `Jan-Mar`, `Mon-Fri`.
    func monthMatch(at index: Int) -> Match? {
        if let match = dayNameMatch(at: index) { return match }
        guard let month = month(at: index) else { return nil }
        let name = Self.monthNames[month.number - 1]
        if let day = day(at: month.end), token(month.end)?.isSpaced == true || month.isShort {
            var words = name + " " + EnglishNumbers.ordinal(day.number)
            var end = day.end
            if isDash(end), glued(end) != nil, glued(end + 1) != nil, let last = self.day(at: end + 1) {
                words += " to " + EnglishNumbers.ordinal(last.number)
                end = last.end
            }
            if let year = yearAfterDate(at: end) { return Match(words: words + year.words, end: year.end) }
            return Match(words: words, end: end)
        }
        if let year = year(at: month.end) {
            return Match(words: name + " " + EnglishNumbers.year(year.number), end: year.end)
        }
        if isDash(month.end), glued(month.end) != nil, glued(month.end + 1) != nil,
            let last = self.month(at: month.end + 1)
        {
            return Match(words: name + " to " + Self.monthNames[last.number - 1], end: last.end)
        }
        guard month.isShort, month.end == index + 2, !["Mar", "May", "Jun"].contains(tokens[index].text) else {
            return nil
        }
        return Match(words: name + (endsSentence(at: month.end) ? "." : ""), end: month.end)
    }

    private func dayNameMatch(at index: Int) -> Match? {
        guard let name = Self.days[tokens[index].text] else { return nil }
        if isDash(index + 1), glued(index + 1) != nil, let last = glued(index + 2), let lastName = Self.days[last.text]
        {
            return Match(words: "\(name) to \(lastName)", end: index + 3)
        }
        // "Sun." may end a sentence, and "Sat" is a word.
        if isGlued(index + 1, "."), !endsSentence(at: index + 2) { return Match(words: name, end: index + 2) }
        if isGlued(index + 1, ","), month(at: index + 2) != nil || token(index + 2)?.kind == .digits {
            return Match(words: name, end: index + 1)
        }
        return month(at: index + 1) == nil ? nil : Match(words: name, end: index + 1)
    }

    // MARK: Digits

    /// A date that begins with digits.
    func dateMatch(at index: Int) -> Match? {
        numericDate(at: index) ?? yearAndMonth(at: index) ?? dayFirst(at: index)
    }

    /// `2026-11`
    private func yearAndMonth(at index: Int) -> Match? {
        guard let first = token(index)?.text, first.utf8.count == 4, let year = Int(first),
            (1900...2099).contains(year),
            isGlued(index + 1, "-"), let second = gluedDigits(index + 2), second.utf8.count == 2,
            let month = Int(second),
            (1...12).contains(month), !isGlued(index + 3, "-")
        else { return nil }
        // "2005-06" is more often two years.
        guard month <= year % 100, month != year % 100 + 1 else { return nil }
        return Match(words: "\(Self.monthNames[month - 1]) \(EnglishNumbers.year(year))", end: index + 3)
    }

    /// `30 November 2026`, `30th of Nov.`
    private func dayFirst(at index: Int) -> Match? {
        guard let day = day(at: index) else { return nil }
        let monthIndex = word(day.end) == "of" ? day.end + 1 : day.end
        guard token(monthIndex)?.isSpaced == true, let month = month(at: monthIndex) else { return nil }
        // "5 May" is a date, "chapter 5 May be" is not: a verb is not told apart, but it is seldom a capital.
        let article = word(index - 1) == "the" ? "" : "the "
        let words = article + EnglishNumbers.ordinal(day.number) + " of " + Self.monthNames[month.number - 1]
        if let year = yearAfterDate(at: month.end) { return Match(words: words + year.words, end: year.end) }
        return Match(words: words, end: month.end)
    }

    private func numericDate(at index: Int) -> Match? {
        guard let first = token(index)?.text, let mark = glued(index + 1)?.text, ["-", "/", "."].contains(mark),
            let second = gluedDigits(index + 2), isGlued(index + 3, mark), let third = gluedDigits(index + 4),
            first.utf8.count <= 4, second.utf8.count <= 2, third.utf8.count <= 4, let a = Int(first),
            let b = Int(second),
            let c = Int(third)
        else { return nil }
        let end = index + 5
        // A longer chain is something else.
        if isGlued(end, mark), gluedDigits(end + 1) != nil { return nil }
        if first.utf8.count == 4, third.utf8.count <= 2, (1...12).contains(b), (1...31).contains(c), a >= 1000 {
            return withTime(Match(words: date(b, c, a), end: end))
        }
        guard first.utf8.count <= 2, (1...31).contains(a), (1...31).contains(b) else { return nil }
        let year: Int
        switch third.utf8.count {
        case 4 where (1000...2999).contains(c): year = c
        case 2 where mark == "/": year = c < 70 ? 2000 + c : 1900 + c
        default: return nil
        }
        switch (a > 12, b > 12) {
        case (true, true): return nil
        case (true, false): return withTime(Match(words: date(b, a, year), end: end))
        case (false, true): return withTime(Match(words: date(a, b, year), end: end))
        case (false, false) where mark == ".": return withTime(Match(words: date(b, a, year), end: end))
        case (false, false) where a == b: return withTime(Match(words: date(a, b, year), end: end))
        case (false, false):
            // Which of the two is the month is not known, so the numbers are said as they stand.
            let numbers = EnglishNumbers.cardinal(a) + ", " + EnglishNumbers.cardinal(b)
            return withTime(Match(words: numbers + ", " + EnglishNumbers.year(year), end: end))
        }
    }

    private func date(_ month: Int, _ day: Int, _ year: Int) -> String {
        "\(Self.monthNames[month - 1]) \(EnglishNumbers.ordinal(day)), \(EnglishNumbers.year(year))"
    }

    /// `T15:30:00Z` after a date.
    private func withTime(_ date: Match) -> Match {
        guard let mark = glued(date.end), mark.text == "T", let time = clock(at: date.end + 1) else { return date }
        var end = time.end
        var zone = ""
        if let utc = glued(end), utc.text == "Z" {
            end += 1
            zone = " UTC"
        }
        return Match(words: date.words + " at " + time.words + zone, end: end)
    }
}

/// Times of day and durations: `3:30 pm`, `15:30`, `9am-5pm`, `1h30m`.
extension EnglishReader {
    func timeMatch(at index: Int) -> Match? {
        if let duration = durationMatch(at: index) { return duration }
        guard let first = time(at: index) ?? hourBeforeRange(at: index) else { return nil }
        guard isDash(first.end), let mark = token(first.end), let next = token(first.end + 1),
            mark.isSpaced == next.isSpaced, let second = time(at: first.end + 1)
        else {
            // An hour alone is a time only as the beginning of a range.
            return time(at: index)
        }
        return Match(words: first.words + " to " + second.words, end: second.end)
    }

    /// `3:30`, `3:30 pm`, `3 pm`.
    private func time(at index: Int) -> Match? {
        if let clock = clock(at: index) { return clock }
        guard let hour = hour(at: index) else { return nil }
        // "10.30am"
        if isGlued(index + 1, "."), let minutes = gluedDigits(index + 2), minutes.utf8.count == 2,
            let minute = Int(minutes), minute < 60, let half = half(at: index + 3)
        {
            return Match(words: clockWords(hour, minute, hasHalf: true) + " " + half.words, end: half.end)
        }
        guard let half = half(at: index + 1) else { return nil }
        return Match(words: EnglishNumbers.cardinal(hour) + " " + half.words, end: half.end)
    }

    /// The `3` of `3-4 pm`.
    private func hourBeforeRange(at index: Int) -> Match? {
        guard let hour = hour(at: index), isDash(index + 1), glued(index + 1) != nil else { return nil }
        return Match(words: EnglishNumbers.cardinal(hour), end: index + 1)
    }

    private func hour(at index: Int) -> Int? {
        guard let token = token(index), token.kind == .digits, token.text.utf8.count <= 2, let hour = Int(token.text),
            (1...12).contains(hour)
        else { return nil }
        return hour
    }

    /// `AM` or `PM` at `index`, written in any way.
    private func half(at index: Int) -> Match? {
        guard let word = word(index) else { return nil }
        if word == "am" || word == "pm" {
            // "When I was 3 am I told"
            if word == "am", token(index)?.isSpaced == true, token(index + 1)?.text == "I" { return nil }
            return Match(words: word.uppercased(), end: index + 1)
        }
        guard word == "a" || word == "p", isGlued(index + 1, "."), let second = glued(index + 2), second.lower == "m"
        else {
            return nil
        }
        let takesStop = isGlued(index + 3, ".") && !endsSentence(at: index + 4)
        return Match(words: word.uppercased() + "M", end: takesStop ? index + 4 : index + 3)
    }

    /// Hours and minutes with a colon, with seconds and half of the day if they follow.
    func clock(at index: Int) -> Match? {
        guard let first = token(index), first.kind == .digits, first.text.utf8.count <= 2, isGlued(index + 1, ":"),
            let second = gluedDigits(index + 2), second.utf8.count == 2, let hour = Int(first.text),
            let minute = Int(second), hour <= 24, minute < 60
        else { return nil }
        var end = index + 3
        var seconds = ""
        if isGlued(end, ":"), let digits = gluedDigits(end + 1) {
            guard digits.utf8.count == 2, let value = Int(digits), value < 60 else { return nil }
            seconds = value == 0 ? "" : " and \(EnglishNumbers.cardinal(value)) second" + (value == 1 ? "" : "s")
            end += 2
            // Fractions of seconds are not said.
            if isGlued(end, "."), gluedDigits(end + 1) != nil { end += 2 }
        }
        let half = half(at: end)
        let words = clockWords(hour, minute, hasHalf: half != nil) + seconds
        return Match(words: words + (half.map { " " + $0.words } ?? ""), end: half?.end ?? end)
    }

    private func clockWords(_ hour: Int, _ minute: Int, hasHalf: Bool) -> String {
        let isMidnight = hour == 0 || hour == 24
        if minute == 0 {
            if isMidnight, !hasHalf { return "midnight" }
            let words = EnglishNumbers.cardinal(isMidnight ? 12 : hour)
            return hasHalf ? words : words + (hour > 12 ? " hundred" : " o'clock")
        }
        let minutes = (minute < 10 ? "oh " : "") + EnglishNumbers.cardinal(minute)
        if isMidnight { return "twelve " + minutes + (hasHalf ? "" : " AM") }
        return EnglishNumbers.cardinal(hour) + " " + minutes
    }

    private static let durationUnits: [String: String] = [
        "d": "day", "h": "hour", "hr": "hour", "m": "minute", "min": "minute", "s": "second", "sec": "second",
        "ms": "millisecond",
    ]

    /// `1h30m`, `2d4h`: at least two parts that touch.
    private func durationMatch(at index: Int) -> Match? {
        var parts: [String] = []
        var end = index
        while let digits = parts.isEmpty ? token(end)?.text : gluedDigits(end), digits.utf8.count <= 4,
            let value = Int(digits), let unit = glued(end + 1), let name = Self.durationUnits[unit.text],
            parts.count < 4
        {
            parts.append(EnglishNumbers.cardinal(value) + " " + name + (value == 1 ? "" : "s"))
            end += 2
        }
        return parts.count < 2 ? nil : Match(words: parts.joined(separator: " "), end: end)
    }
}

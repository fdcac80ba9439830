/// Reads English numbers as recognisers write them: `twenty five`, `2 thousand`, `a hundred and five`, `three point one four`.
public enum NumberWords {
    /// A number at the beginning of some words.
    public struct Reading: Sendable, Equatable {
        /// What it says.
        public var value: Double
        /// How many words it takes.
        public var count: Int
    }

    /// The longest number that `words` (lower case, without punctuation) begin with, or nil.
    public static func read(_ words: ArraySlice<String>) -> Reading? {
        let whole = readWhole(words)
        let rest = words.dropFirst(whole?.count ?? 0)
        guard rest.first == "point", let decimals = readDecimals(rest.dropFirst()) else { return whole }
        let base = whole ?? Reading(value: 0, count: 0)
        // "1.5 point two" is no number, and beyond 15 digits a Double has no decimals to give.
        guard base.value < 1e15, base.value == base.value.rounded(),
            let value = Double("\(Int(base.value)).\(decimals.digits)")
        else { return whole }
        return Reading(value: value, count: base.count + 1 + decimals.count)
    }

    private static func readWhole(_ words: ArraySlice<String>) -> Reading? {
        var number = WholeNumber()
        var rest = words
        var count = 0
        while let word = rest.first {
            let next = rest.dropFirst().first
            if word == "and", number.mayJoin, let next,
                EnglishNumbers.small[next] != nil || EnglishNumbers.tens[next] != nil
            {
                // Belongs to the number only if the next word does.
                var continued = number
                guard continued.take(next) else { break }
            } else if word == "a" || word == "an", count == 0, let next,
                next == "hundred" || EnglishNumbers.scales[next] != nil
            {
                _ = number.take("one")
            } else if !number.take(word) {
                break
            }
            count += 1
            rest = rest.dropFirst()
        }
        return count == 0 ? nil : Reading(value: number.value, count: count)
    }

    private static func readDecimals(_ words: ArraySlice<String>) -> (digits: String, count: Int)? {
        var digits = ""
        var count = 0
        for word in words.prefix(15) {
            if let value = EnglishNumbers.small[word] ?? EnglishNumbers.tens[word] {
                digits += String(value)
            } else if word.utf8.allSatisfy({ (48...57).contains($0) }) {
                digits += word
            } else {
                break
            }
            count += 1
        }
        guard count > 0, digits.count <= 15 else { return nil }
        // "twenty five" is 25, not 205.
        return (mergedTens(words.prefix(count)) ?? digits, count)
    }

    private static func mergedTens(_ words: ArraySlice<String>) -> String? {
        guard words.count == 2, let ten = words.first.flatMap({ EnglishNumbers.tens[$0] }),
            let unit = words.last.flatMap({ EnglishNumbers.small[$0] }),
            (1...9).contains(unit)
        else { return nil }
        return String(ten + unit)
    }
}

/// A number without decimals that grows word by word.
private struct WholeNumber {
    private var total = 0.0
    /// The part since the last thousand, million and so on.
    private var group = 0.0
    /// The next word must be worth less than this.
    private var room = Double.infinity
    private var scale = Double.infinity
    private var hasHundred = false
    private(set) var mayJoin = false

    var value: Double { total + group }

    /// Takes `word` if the number can go on with it.
    mutating func take(_ word: String) -> Bool {
        if let number = EnglishNumbers.small[word].map(Double.init) {
            return add(number, room: 1)
        } else if let number = EnglishNumbers.tens[word].map(Double.init) {
            return add(number, room: 10)
        } else if word == "hundred" {
            guard (1...99).contains(group), !hasHundred else { return false }
            group *= 100
            hasHundred = true
            return joinable(room: 100)
        } else if let newScale = EnglishNumbers.scales[word] {
            guard group > 0, newScale < scale else { return false }
            total += group * newScale
            group = 0
            scale = newScale
            hasHundred = false
            return joinable(room: newScale)
        } else if word.count <= 16, word.utf8.allSatisfy({ (48...57).contains($0) || $0 == UInt8(ascii: ".") }),
            let number = Double(word)
        {
            return group == 0 && add(number, room: 1)
        } else {
            return false
        }
    }

    private mutating func add(_ number: Double, room newRoom: Double) -> Bool {
        guard number < room, number > 0 || room == .infinity else { return false }
        group += number
        room = newRoom
        mayJoin = false
        return true
    }

    private mutating func joinable(room newRoom: Double) -> Bool {
        room = newRoom
        mayJoin = true
        return true
    }
}

import SpokenText

/// A text as normalised words: what phrases are compared with.
///
/// Lower case, no punctuation, contractions spelled out (`what's` is `what is`), numbers as digits (`twenty five` is
/// `25`). Signs of arithmetic next to numbers are words of their own.
struct Words: Sendable, Equatable {
    /// A normalised word and what it was made from; the original of later parts of a contraction is empty.
    struct Word: Sendable, Equatable {
        var normal: String
        var original: String
    }

    let list: [Word]

    /// The normalised words of `text`, at most `limit` of them.
    init(_ text: String, limit: Int = 200) {
        let raw = Self.split(text, limit: limit).flatMap(Self.expand)
        list = Array(Self.mergeNumbers(raw).prefix(limit))
    }

    init(list: [Word]) {
        self.list = list
    }

    /// The normalised words alone.
    var normal: [String] { list.map(\.normal) }

    /// The words of `range` as they were said.
    func original(_ range: Range<Int>) -> String {
        list[range].map(\.original).filter { !$0.isEmpty }.joined(separator: " ")
    }

    // MARK: Splitting

    private static let operators: [Character: String] = [
        "+": "+", "-": "-", "−": "-", "*": "*", "×": "*", "/": "/", "÷": "/", "^": "^", "=": "=",
    ]

    private static func split(_ text: String, limit: Int) -> [String] {
        var words: [String] = []
        var word = ""
        // A long text is cut before it is worked on: 64 characters a word are plenty.
        let characters = Array(text.prefix(limit * 64))
        func flush() {
            if !word.isEmpty { words.append(word) }
            word = ""
        }
        func visible(before index: Int) -> Character? { characters[..<index].last { !$0.isWhitespace } }
        func visible(after index: Int) -> Character? { characters[(index + 1)...].first { !$0.isWhitespace } }

        for (index, character) in characters.enumerated() where words.count < limit {
            let next = index + 1 < characters.count ? characters[index + 1] : nil
            if character.isLetter || character.isNumber {
                word.append(character)
            } else if isApostrophe(character), !word.isEmpty, next?.isLetter == true {
                word.append("'")
            } else if character == ".", word.allSatisfy(\.isNumber), !word.isEmpty, next?.isNumber == true {
                word.append(".")
            } else if character == ",", word.last?.isNumber == true, isThousands(characters[(index + 1)...]) {
                continue
            } else if character == "%" {
                flush()
                words.append("%")
            } else if let sign = operators[character] {
                flush()
                let standsAlone = next?.isWhitespace == true && index > 0 && characters[index - 1].isWhitespace
                let belongsToNumber = visible(after: index)?.isNumber == true
                // A hyphen may be a mere dash; the other signs mean arithmetic more easily.
                let isSign =
                    belongsToNumber || (sign != "-" && (standsAlone || visible(before: index)?.isNumber == true))
                if isSign { words.append(sign) }
            } else {
                flush()
            }
        }
        flush()
        return words
    }

    private static func isApostrophe(_ character: Character) -> Bool { character == "'" || character == "\u{2019}" }

    /// Whether exactly three digits follow the comma.
    private static func isThousands(_ rest: ArraySlice<Character>) -> Bool {
        rest.prefix(4).prefix(while: \.isNumber).count == 3
    }

    // MARK: Contractions

    private static let whole: [String: [String]] = [
        "can't": ["can", "not"], "won't": ["will", "not"], "let's": ["let", "us"], "ok": ["okay"],
        "goodbye": ["good", "bye"],
    ]
    private static let endings: [(ending: String, word: String)] = [
        ("n't", "not"), ("'re", "are"), ("'m", "am"), ("'ll", "will"), ("'ve", "have"),
    ]
    private static let beforeIs: Set<String> = [
        "what", "who", "where", "how", "when", "that", "it", "there", "here", "he", "she",
    ]

    private static func expand(_ original: String) -> [Word] {
        let word = original.lowercased()
        let parts: [String]
        if let known = whole[word] {
            parts = known
        } else if let found = endings.first(where: { word.hasSuffix($0.ending) && word.count > $0.ending.count }) {
            parts = [String(word.dropLast(found.ending.count)), found.word]
        } else if word.hasSuffix("'s"), beforeIs.contains(String(word.dropLast(2))) {
            parts = [String(word.dropLast(2)), "is"]
        } else {
            parts = [word]
        }
        return parts.enumerated().map { Word(normal: $1, original: $0 == 0 ? original : "") }
    }

    // MARK: Numbers

    private static func mergeNumbers(_ words: [Word]) -> [Word] {
        let normal = words.map(\.normal)
        var merged: [Word] = []
        var index = 0
        while index < words.count {
            if let number = NumberWords.read(normal[index...]) {
                let said = words[index..<index + number.count].map(\.original).joined(separator: " ")
                merged.append(Word(normal: SpokenNumber.digits(number.value), original: said))
                index += number.count
            } else {
                merged.append(words[index])
                index += 1
            }
        }
        return merged
    }
}

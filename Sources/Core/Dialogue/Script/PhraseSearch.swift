/// Looks for a phrase in an utterance, trying each place of the phrase at each word once at most.
struct PhraseSearch {
    private let elements: [ScriptPhrase.Element]
    private let words: [String]
    /// Whether the rest of the phrase from an element on is known not to be at a word.
    private var hasFailed: [Bool]

    init(elements: [ScriptPhrase.Element], words: [String]) {
        self.elements = elements
        self.words = words
        hasFailed = Array(repeating: false, count: (elements.count + 1) * (words.count + 1))
    }

    /// The words that the slots take where the phrase is found first, or nil if it is not found.
    mutating func slots() -> [String: Range<Int>]? {
        // A slot at the beginning takes all that comes before the next word.
        if case .slot? = elements.first { return take(from: 0, at: 0) }
        for start in words.indices {
            if let slots = take(from: 0, at: start) { return slots }
        }
        return nil
    }

    private mutating func take(from element: Int, at position: Int) -> [String: Range<Int>]? {
        let state = element * (words.count + 1) + position
        guard !hasFailed[state] else { return nil }
        let slots = search(from: element, at: position)
        hasFailed[state] = slots == nil
        return slots
    }

    private mutating func search(from element: Int, at position: Int) -> [String: Range<Int>]? {
        guard element < elements.count else { return [:] }
        guard position < words.count else { return nil }
        switch elements[element] {
        case .word(let word):
            return words[position] == word ? take(from: element + 1, at: position + 1) : nil
        case .slot(let name):
            // A slot at the end takes everything; elsewhere as little as possible.
            if element == elements.count - 1 { return [name: position..<words.count] }
            for end in position + 1...words.count {
                if var slots = take(from: element + 1, at: end) {
                    slots[name] = position..<end
                    return slots
                }
            }
            return nil
        }
    }
}

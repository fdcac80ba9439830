/// What a user may say, such as `[please] tell me about {topic}`: words, words that may be missing, and slots that take
/// one word or more.
struct ScriptPhrase: Sendable, Equatable {
    /// Why a phrase cannot be read.
    struct Mistake: Error, Equatable {
        var message: String
    }

    /// A part of a phrase.
    enum Element: Sendable, Equatable {
        case word(String)
        case slot(String)
    }

    /// A phrase matched: how many of its own words were found, and which words the slots took.
    struct Match: Equatable {
        var score: Int
        var slots: [String: Range<Int>]
    }

    static let maximumLength = 500
    static let maximumOptionals = 4
    static let maximumSlots = 3

    /// The phrase with and without each optional part.
    let variants: [[Element]]
    /// The slots; each variant has all of them.
    let slots: [String]

    init(_ text: String) throws(Mistake) {
        guard text.count <= Self.maximumLength else {
            throw Mistake(message: "a phrase may have at most \(Self.maximumLength) characters")
        }
        var variants: [[Element]] = [[]]
        var optionals = 0
        for part in try Self.parts(of: text) {
            switch part {
            case .words(let words):
                variants = variants.map { $0 + words }
            case .optional(let words):
                optionals += 1
                variants = variants.map { $0 + words } + variants
            case .slot(let name):
                variants = variants.map { $0 + [.slot(name)] }
            }
        }
        guard optionals <= Self.maximumOptionals else {
            throw Mistake(message: "a phrase may have at most \(Self.maximumOptionals) optional parts in brackets")
        }
        slots = (variants.first ?? []).compactMap { if case .slot(let name) = $0 { name } else { nil } }
        guard slots.count <= Self.maximumSlots, Set(slots).count == slots.count else {
            throw Mistake(message: "a phrase may have at most \(Self.maximumSlots) slots, each with its own name")
        }
        guard !variants.contains([]) else {
            throw Mistake(message: "a phrase needs a word or a slot outside brackets")
        }
        for variant in variants {
            for (element, next) in zip(variant, variant.dropFirst()) {
                if case .slot = element, case .slot = next {
                    throw Mistake(message: "two slots need a word between them")
                }
            }
        }
        self.variants = variants
    }

    /// The best match anywhere in `words`; `vocabulary` holds the same words, to rule phrases out quickly.
    func match(_ words: [String], vocabulary: Set<String>) -> Match? {
        var best: Match?
        for variant in variants {
            let score = variant.count { if case .word = $0 { true } else { false } }
            guard score > best?.score ?? -1, variant.allSatisfy({ $0.isPossible(in: vocabulary) }) else { continue }
            var search = PhraseSearch(elements: variant, words: words)
            if let slots = search.slots() { best = Match(score: score, slots: slots) }
        }
        return best
    }
}

extension ScriptPhrase.Element {
    fileprivate func isPossible(in vocabulary: Set<String>) -> Bool {
        if case .word(let word) = self { vocabulary.contains(word) } else { true }
    }
}

// MARK: Reading

extension ScriptPhrase {
    private enum Part {
        case words([Element])
        case optional([Element])
        case slot(String)
    }

    private static func parts(of text: String) throws(Mistake) -> [Part] {
        var parts: [Part] = []
        var rest = text[...]
        while let start = rest.firstIndex(where: { "[]{}".contains($0) }) {
            let open = rest[start]
            parts.append(.words(words(in: rest[..<start])))
            let inside = rest[rest.index(after: start)...]
            guard open == "[" || open == "{", let end = inside.firstIndex(where: { "[]{}".contains($0) }),
                inside[end] == (open == "[" ? "]" : "}")
            else {
                throw Mistake(message: "\"\(text)\" has a bracket without its partner, or brackets inside brackets")
            }
            let content = inside[..<end]
            if open == "[" {
                parts.append(.optional(words(in: content)))
            } else {
                guard let first = content.first, first.isASCII, first.isLetter,
                    content.allSatisfy({ $0.isASCII && ($0.isLowercase || $0.isNumber || $0 == "_") })
                else {
                    throw Mistake(
                        message: "\"{\(content)}\" is no slot; a slot's name has lower-case letters, digits and _"
                    )
                }
                parts.append(.slot(String(content)))
            }
            rest = inside[inside.index(after: end)...]
        }
        parts.append(.words(words(in: rest)))
        return parts
    }

    private static func words(in text: Substring) -> [Element] {
        Words(String(text)).normal.map(Element.word)
    }
}

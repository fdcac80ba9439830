extension SeededGenerator {
    /// Between zero and `count` fragments that are awkward to segment.
    public mutating func text(fragments count: Int) -> String {
        let fragments = [
            "a", "word", "Then", "The", "No.", "no. 5", "Dr.", "p.m.", "U.S.", "J.", "R.", "etc.", "3", ".", "..",
            "...",
            "3.14", "v1.2.3", "!", "?", "…", "?!", ",", ";", ":", "—", " – ", " - ", "\"", "”", "'", "(", ")",
            "(laughs)",
            "\n", "\r\n", "\r", "\n\n", "\n- item", "\n1. third", "* ", "**", "_", "`", "#", "[", "](", "。", "！", "，",
            "你好",
            "、", "世", "」", "👨‍👩‍👧‍👦", "👍🏽", "🇩🇪", "e\u{301}", "\u{301}", "\u{200D}", " ", " ", " ", " ", " ", "\u{A0}", "\t",
            "extraordinarily-long-word", "https://a.example/b?c=d", "\0",
        ]
        var text = ""
        for _ in 0..<Int.random(in: 0...count, using: &self) {
            text += fragments.randomElement(using: &self) ?? ""
        }
        return text
    }

    /// `text` cut at random places between its scalars, the finest possible cuts included.
    public mutating func tokens(of text: String) -> [String] {
        let longest = Int.random(in: 1...12, using: &self)
        var rest = Array(text.unicodeScalars)[...]
        var tokens: [String] = []
        while !rest.isEmpty {
            let token = rest.prefix(Int.random(in: 1...longest, using: &self))
            tokens.append(String(String.UnicodeScalarView(token)))
            rest = rest.dropFirst(token.count)
        }
        return tokens
    }
}

extension Sequence<String> {
    /// The scalars of all strings that are not white space, in order.
    public var ink: [Unicode.Scalar] {
        flatMap { $0.unicodeScalars.filter { !$0.properties.isWhitespace } }
    }
}

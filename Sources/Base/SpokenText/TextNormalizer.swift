/// Writes out what voices read badly or not at all: amounts, dates, times, units, abbreviations, Roman numerals and
/// signs, as people say them. In the field this is called text normalisation.
///
/// The rules are tables, one set for each language. Text in a language without a table, or in an unknown one, passes
/// unchanged. Costs time in proportion to the length of the text.
public struct TextNormalizer: Sendable {
    private let isEnglish: Bool

    /// A normaliser for a language, a BCP 47 tag such as `en-US`.
    public init(language: String?) {
        let code = language?.prefix { $0 != "-" && $0 != "_" }.lowercased()
        isEnglish = code == "en"
    }

    /// `text`, one sentence or more without marks of Markdown, as it is said.
    public func spoken(_ text: String) -> String {
        guard isEnglish else { return text }
        var reader = EnglishReader(text)
        return reader.read()
    }
}

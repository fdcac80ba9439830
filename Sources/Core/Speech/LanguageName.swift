import Foundation

/// Reads the names by which people and programs call languages.
public enum LanguageName {
    /// A name that means no language.
    public struct Unknown: Error, Equatable, CustomStringConvertible {
        /// What was given.
        public let name: String

        /// One sentence that names it and says what is expected.
        public var description: String {
            "There is no language “\(name.forMessage)”; give a code such as en, eng or en-US, an English name, or auto."
        }
    }

    /// The longest name that is looked at, in characters.
    public static let longest = 100

    /// The BCP 47 tag that `name` means: `en` for `EN`, `eng`, `English` and `english (US)`, `en-US` for `en_US` and
    /// `en_US.UTF-8`. Nil when it leaves the choice open: `auto`, nothing, or a word to that effect.
    ///
    /// Throws ``Unknown`` for what means no language.
    public static func tag(for name: String) throws(Unknown) -> String? {
        let trimmed = name.trimmingCharacters(in: .whitespacesAndNewlines)
        guard trimmed.utf8.count <= 4 * longest, trimmed.count <= longest else { throw Unknown(name: name) }
        let folded = fold(trimmed)
        if folded.isEmpty || unspecified.contains(folded) { return nil }
        if let code = names[folded] ?? names[fold(String(trimmed.prefix { $0 != "(" }))] { return code }
        guard let tag = tag(code: trimmed) else { throw Unknown(name: name) }
        return tag
    }

    /// Words that leave the choice to the recogniser.
    private static let unspecified: Set<String> = ["auto", "automatic", "detect", "any", "und", "none", "null"]

    /// The canonical form of a BCP 47 tag, or of a POSIX locale such as `en_US.UTF-8`.
    private static func tag(code: String) -> String? {
        let parts = code.prefix { $0 != "." && $0 != "@" }.replacing("_", with: "-")
            .split(separator: "-", omittingEmptySubsequences: false).map(String.init)
        guard let first = parts.first?.lowercased(), let language = codes[first], parts.count <= 8 else { return nil }
        var tag = language
        var isAfterSingleton = false
        for (index, part) in parts.enumerated().dropFirst() {
            let isWord = part.utf8.allSatisfy { $0 < 128 } && part.allSatisfy { $0.isLetter || $0.isNumber }
            guard isWord, (1...8).contains(part.utf8.count) else { return nil }
            let isText = part.allSatisfy(\.isLetter)
            switch part.utf8.count {
            case 1:
                // An extension, or private use, needs something behind it.
                guard index < parts.count - 1 else { return nil }
                isAfterSingleton = true
                tag += "-" + part.lowercased()
            case _ where isAfterSingleton: tag += "-" + part.lowercased()
            case 4 where isText: tag += "-" + part.prefix(1).uppercased() + part.dropFirst().lowercased()
            case 2 where isText: tag += "-" + part.uppercased()
            case 3 where part.allSatisfy(\.isNumber): tag += "-" + part
            // A second language in front of the region, or a variant.
            case 3 where isText && index == 1, 5...8,
                4 where !isText:
                tag += "-" + part.lowercased()
            default: return nil
            }
        }
        return tag
    }

    /// Every code of ISO 639 that is known, with the shortest one for its language.
    private static let codes: [String: String] = {
        var codes: [String: String] = [:]
        for language in Locale.LanguageCode.isoLanguageCodes {
            let code = language.identifier.lowercased()
            codes[code] = code
        }
        for language in Locale.LanguageCode.isoLanguageCodes where language.identifier.utf8.count == 2 {
            if let long = language.identifier(.alpha3) { codes[long.lowercased()] = language.identifier.lowercased() }
        }
        // The bibliographic codes of ISO 639-2, withdrawn ones, and members of a language that has its own code.
        let more = """
            alb sq arm hy baq eu bur my chi zh cze cs dut nl fre fr geo ka ger de gre el ice is mac mk mao mi may ms per fa \
            rum ro slo sk tib bo wel cy iw he ji yi in id jw jv mo ro cmn cmn yue yue sh sr
            """.split(whereSeparator: \.isWhitespace)
        for index in stride(from: 0, to: more.count, by: 2) { codes[String(more[index])] = String(more[index + 1]) }
        return codes
    }()

    /// The English names in the form that ``fold(_:)`` gives them.
    private static let names: [String: String] = {
        let english = Locale(identifier: "en_US")
        var names: [String: String] = [:]
        // A language with a short code goes before one with a long code and the same name.
        for code in Set(codes.values).sorted(by: { ($0.utf8.count, $0) > ($1.utf8.count, $1) }) {
            guard let name = english.localizedString(forLanguageCode: code) else { continue }
            let folded = fold(name)
            // Without a name the code comes back.
            if folded != code { names[folded] = code }
        }
        let more = [
            "mandarin": "zh", "mandarin chinese": "zh", "cantonese": "yue", "castilian": "es", "flemish": "nl",
            "valencian": "ca", "haitian": "ht", "letzeburgesch": "lb", "pushto": "ps", "panjabi": "pa",
            "moldavian": "ro",
            "moldovan": "ro", "sinhalese": "si", "myanmar": "my", "farsi": "fa", "bokmal": "nb", "nynorsk": "nn",
            "gaelic": "gd", "modern greek": "el", "american english": "en-US", "british english": "en-GB",
            "brazilian portuguese": "pt-BR", "simplified chinese": "zh-Hans", "traditional chinese": "zh-Hant",
        ]
        return names.merging(more) { _, last in last }
    }()

    /// In small letters, without accents, with single spaces.
    private static func fold(_ name: String) -> String {
        name.folding(options: [.caseInsensitive, .diacriticInsensitive], locale: Locale(identifier: "en_US"))
            .split { $0.isWhitespace }.joined(separator: " ")
    }
}

/// Helps with text that came from a recogniser.
enum HeardText {
    private static let hesitations: Set<String> = ["um", "uh", "er", "ah"]

    /// `text` with single spaces between words and without hesitations that stand alone, such as "um,".
    static func clean(_ text: String) -> String {
        // Beside lower-case words "ER" is a place, not a hesitation.
        let capitalsAreWords = text.contains(where: \.isLowercase)
        return text.split(whereSeparator: \.isWhitespace)
            .filter { word in
                let core = word.drop { $0.isPunctuation }.prefix { !$0.isPunctuation }
                guard word.count(where: \.isLetter) == core.count else { return true }
                return !hesitations.contains(core.lowercased()) || (capitalsAreWords && core == "ER")
            }
            .joined(separator: " ")
    }
}

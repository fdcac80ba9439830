import Foundation

/// A kind of utterance and what may be said to it.
struct TemplateCategory: Sendable {
    let name: String
    /// Normalised words; one of these, as whole words in a row, makes the category match.
    private let keywords: [[String]]
    /// A regular expression over the normalised words joined by spaces, or nil.
    private let pattern: String?
    let phrases: [String]

    init(_ name: String, keywords: [String] = [], pattern: String? = nil, phrases: [String]) {
        self.name = name
        self.keywords = keywords.map { Words($0).normal }.filter { !$0.isEmpty }
        self.pattern = pattern
        self.phrases = phrases
    }

    func matches(_ words: Words) -> Bool {
        let normal = words.normal
        if keywords.contains(where: { normal.contains($0) }) { return true }
        guard let pattern else { return false }
        return normal.joined(separator: " ").range(of: pattern, options: .regularExpression) != nil
    }
}

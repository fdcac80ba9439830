/// Decides when the user has finished speaking (endpointing).
public protocol TurnDetector: Sendable {
    /// How long the silence after `transcript` must be before the turn counts as finished. `transcript` is the best
    /// guess so far at what was said, nil when there is none yet.
    func silence(after transcript: String?) -> Duration

    /// The shortest silence that `silence(after:)` ever answers with.
    var shortestSilence: Duration { get }
}

/// A silence timer whose length depends on how the text ends: a user who stops at “and” or “because” is thinking, one
/// who stops after a whole sentence is waiting.
public struct SilenceTurnDetector: TurnDetector, Equatable {
    /// The silence that ends a turn, normally.
    public var silence: Duration
    /// The silence that ends a turn whose text breaks off in the middle of a sentence.
    public var silenceWhenUnfinished: Duration
    /// The words after which a sentence goes on, in lower case; empty switches the text rule off.
    public var continuingWords: Set<String>

    /// Words after which English speakers go on: conjunctions, articles, prepositions and fillers.
    public static let englishContinuingWords: Set<String> = [
        "a", "about", "an", "and", "are", "as", "at", "because", "but", "by", "for", "from", "if", "in", "into",
        "is", "my", "of", "or", "our", "so", "than", "that", "the", "their", "then", "to", "uh", "um", "until",
        "was", "were", "when", "where", "which", "while", "with", "your",
    ]

    /// A detector; by default 400 ms of silence end a turn, and 1000 ms one that breaks off.
    public init(
        silence: Duration = .milliseconds(400),
        silenceWhenUnfinished: Duration = .milliseconds(1000),
        continuingWords: Set<String> = englishContinuingWords
    ) {
        self.silence = silence
        self.silenceWhenUnfinished = silenceWhenUnfinished
        self.continuingWords = continuingWords
    }

    /// The shorter of the two times.
    public var shortestSilence: Duration { min(silence, silenceWhenUnfinished) }

    /// The longer time when the last word of `transcript` is one that sentences go on after, or a comma follows it.
    public func silence(after transcript: String?) -> Duration {
        guard let transcript, !continuingWords.isEmpty, breaksOff(transcript) else { return silence }
        return silenceWhenUnfinished
    }

    private func breaksOff(_ transcript: String) -> Bool {
        guard let last = transcript.last(where: { !$0.isWhitespace }) else { return false }
        if ".!?。！？".contains(last) {
            return transcript.hasSuffix("...")
        }
        if ",;:-–—…".contains(last) {
            return true
        }
        let word = transcript.split(whereSeparator: { !($0.isLetter || $0 == "'") }).last
        return word.map { continuingWords.contains($0.lowercased()) } ?? false
    }
}

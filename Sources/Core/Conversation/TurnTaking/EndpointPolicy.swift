/// Decides how much silence means that the user has finished: a value that is told what was heard, and knows no clock.
struct EndpointPolicy: Sendable, Equatable {
    /// How the words so far end.
    enum Ending: Sendable, Equatable {
        /// As a sentence ends.
        case whole
        /// It may go on or not.
        case open
        /// In the middle: at a conjunction, a comma, a filler.
        case brokenOff
        /// While something is dictated: digits, a spelling, an address.
        case dictated
    }

    var manner: TurnTaking
    /// The BCP 47 tag of the language spoken; nil if it is not known.
    var language: String?
    /// The transcript up to the pause that goes on; nil while it is not known, or while the user speaks.
    private var transcript: String?

    init(_ manner: TurnTaking, language: String? = nil) {
        self.manner = manner
        self.language = language
    }

    /// The user speaks; what was known of a pause before is over.
    mutating func speaks() {
        transcript = nil
    }

    /// In the pause that goes on, this is what was said so far.
    mutating func paused(after text: String) {
        transcript = text
    }

    /// The silence that ends the utterance, as things are; nil where only the client ends it.
    var silence: Duration? {
        switch manner.endpointing {
        case .manual: return nil
        case .fixed: return manner.silence
        case .adaptive:
            // An answer cannot begin before the transcript is there, so nothing is lost by waiting for it.
            guard let transcript else { return manner.maximumSilence }
            return switch Self.ending(of: transcript, language: language) {
            case .whole: min(manner.minimumSilence, manner.maximumSilence)
            case .open: min(max(manner.silence, manner.minimumSilence), manner.maximumSilence)
            case .brokenOff, .dictated: manner.maximumSilence
            }
        }
    }

    /// The words that an answer may be begun with although the user may go on; nil for none.
    var answerable: String? {
        guard manner.answersAhead, manner.endpointing != .manual, let transcript,
            !TurnLexicon.isWordless(transcript)
        else { return nil }
        switch Self.ending(of: transcript, language: language) {
        case .whole, .open: return transcript
        case .brokenOff, .dictated: return nil
        }
    }

    /// How a text ends.
    static func ending(of text: String, language: String?) -> Ending {
        let lexicon = TurnLexicon.of(language)
        let words = TurnLexicon.words(of: text)
        guard let last = words.last, let sign = text.last(where: { !$0.isWhitespace && !"\"”’)".contains($0) }) else {
            return .open
        }
        if text.hasSuffix("...") || ",;:-–—…".contains(sign) { return .brokenOff }
        // A recogniser hears a question where somebody stops with a rising voice.
        if lexicon.neverLast.contains(last) { return .brokenOff }
        if "?？!！".contains(sign) { return .whole }
        if isDictated(words, lexicon) { return .dictated }
        // Recognisers end what they are given with a full stop, whatever it is; the words say more.
        if lexicon.continuing.contains(last) || lexicon.fillers.contains(last) { return .brokenOff }
        if isHalf(text, words, lexicon) { return .brokenOff }
        return ".。".contains(sign) ? .whole : .open
    }

    /// Whether the words are a clause that another one follows, as in “if it rains tomorrow”, or a list without its end, as in
    /// “bread, milk”.
    private static func isHalf(_ text: String, _ words: [String], _ lexicon: TurnLexicon) -> Bool {
        guard words.count > 2, let first = words.first else { return false }
        let clauses = text.split(separator: ",")
        if clauses.count == 1 { return lexicon.opening.contains(first) && words.count < 8 }
        let end = TurnLexicon.words(of: String(clauses[clauses.count - 1]))
        return words.count > 3 && end.count < 3 && !lexicon.opening.contains(first)
            && !words.contains { lexicon.joining.contains($0) }
    }

    /// Whether the words end in digits, letters or an address that go on as likely as not.
    private static func isDictated(_ words: [String], _ lexicon: TurnLexicon) -> Bool {
        guard let last = words.last else { return false }
        let isSpelling: (String) -> Bool = { $0.count == 1 && $0.first?.isLetter == true && $0 != "i" && $0 != "a" }
        let isDigit: (String) -> Bool = { word in
            word.split(separator: "-").allSatisfy { lexicon.digits.contains(String($0)) || $0.allSatisfy(\.isNumber) }
        }
        if words.count > 1, lexicon.dictation.contains(last) { return true }
        // Hyphenated letters, "a-l-e-x".
        if last.count > 2, last.split(separator: "-").count > 1,
            last.split(separator: "-").allSatisfy({ $0.count == 1 })
        {
            return true
        }
        let run = words.reversed().prefix { isDigit($0) || isSpelling($0) }
        // A telephone number in full has seven digits or more; "at five" or "chapter 12" is a time or a name.
        let length = run.reduce(0) {
            $0 + ($1.allSatisfy { $0.isNumber || $0 == "-" } ? $1.count(where: \.isNumber) : 1)
        }
        if run.count >= 2 || last.split(separator: "-").count > 1 && isDigit(last) { return length < 10 }
        guard run.count == 1, words.count > 1 else { return false }
        return isSpelling(last) || (3..<7 ~= length && words.contains { lexicon.dictationCues.contains($0) })
    }
}

import Speech

/// Decides what speech over an answer means while the answer is held: a value that is told what is heard, and knows no
/// clock.
struct OverlapPolicy: Sendable, Equatable {
    /// What becomes of the answer.
    enum Decision: Sendable, Equatable {
        /// Not known yet.
        case wait
        /// The user listens on: it goes on where it stopped.
        case resume
        /// The user wants to speak.
        case cancel
    }

    /// Speech that is shorter is a click or a cough, whatever a recogniser makes of it.
    static let shortestWord: Duration = .milliseconds(160)
    /// A single word in speech that is shorter is what a recogniser makes of a sound, unless people interrupt with it.
    static let shortWord: Duration = .milliseconds(320)
    /// Speech that is shorter and whose transcript is not known in time is taken for a sound.
    static let shortSpeech: Duration = .milliseconds(420)

    /// The utterance.
    let utterance: Utterance.ID
    private let lexicon: TurnLexicon
    /// Whether the user has stopped speaking, and how long that was.
    private(set) var speech: Duration?
    private(set) var hasEnded = false
    private var text: String?

    init(_ utterance: Utterance.ID, language: String?) {
        self.utterance = utterance
        lexicon = TurnLexicon.of(language)
    }

    static func == (left: OverlapPolicy, right: OverlapPolicy) -> Bool {
        left.utterance == right.utterance && left.speech == right.speech && left.hasEnded == right.hasEnded
            && left.text == right.text
    }

    /// The user seems to say this, and goes on.
    mutating func heard(_ text: String) -> Decision {
        self.text = text
        // Words of a listener may be the beginning of a sentence, so they decide nothing before the user pauses.
        // Words of a single short sound decide nothing either: the pause tells how short it was.
        return isListening(text) || TurnLexicon.words(of: text).count == 1 && !isInterrupting(text) ? .wait : .cancel
    }

    /// The user speaks on after a pause.
    mutating func wentOn() {
        speech = nil
    }

    /// The user has paused, after speech of this length.
    mutating func paused(after speech: Duration) -> Decision {
        self.speech = speech
        return speech < Self.shortestWord ? .resume : .wait
    }

    /// In the pause, or at its end, this is what was said.
    mutating func transcribed(_ text: String) -> Decision {
        self.text = text
        return isListening(text) ? .resume : .cancel
    }

    private func isInterrupting(_ text: String) -> Bool {
        TurnLexicon.words(of: text).contains { lexicon.interrupting.contains($0) }
    }

    /// Whether what was said, as far as the user has paused behind it, is no word of somebody who wants to speak.
    private func isListening(_ text: String) -> Bool {
        if TurnLexicon.isWordless(text) || lexicon.isBackchannel(text) { return true }
        guard let speech else { return false }
        if speech < Self.shortestWord { return true }
        let words = TurnLexicon.words(of: text)
        return speech < Self.shortWord && words.count == 1 && !lexicon.interrupting.contains(words[0])
    }

    /// The utterance is over.
    mutating func ended(after speech: Duration) -> Decision {
        hasEnded = true
        return paused(after: speech)
    }

    /// The answer may not be held any longer.
    func windowElapsed() -> Decision {
        if let text, speech != nil {
            return TurnLexicon.isWordless(text) || lexicon.isBackchannel(text) ? .resume : .cancel
        }
        guard let speech else { return .cancel }
        return speech < Self.shortSpeech ? .resume : .cancel
    }
}

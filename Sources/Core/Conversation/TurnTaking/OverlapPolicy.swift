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
        return TurnLexicon.isWordless(text) || lexicon.isBackchannel(text) ? .wait : .cancel
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
        if let speech, speech < Self.shortestWord { return .resume }
        return TurnLexicon.isWordless(text) || lexicon.isBackchannel(text) ? .resume : .cancel
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

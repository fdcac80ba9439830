/// How a session and its user take turns: when the user has finished, and what becomes of an answer that the user
/// speaks over. It may be changed while the session goes on.
public struct TurnTaking: Sendable, Equatable {
    /// How it is decided that the user has finished.
    public enum Endpointing: String, Sendable, Equatable, CaseIterable {
        /// By silence whose length depends on what was said: short after a whole sentence, long where people think.
        case adaptive
        /// By silence of one length, as OpenAI's `server_vad` does it.
        case fixed = "server_vad"
        /// By the client, as when a button is let go.
        case manual
    }

    /// What becomes of an answer when the user begins to speak.
    public enum Interruption: String, Sendable, Equatable, CaseIterable {
        /// It ends.
        case immediate
        /// It is held until it is clear whether the user wants to speak; then it goes on where it stopped, or ends. For
        /// listeners that can hold what they play.
        case twoStep = "two_step"
        /// It goes on, and what the user says meanwhile is passed over.
        case never
    }

    /// How far sound may be sent ahead of what the listener has heard.
    public enum Pacing: Sendable, Equatable {
        /// As fast as it is read.
        case unpaced
        /// A piece is sent when at most this much of what was sent before it is still to be heard.
        case pieces(ahead: Duration)
        /// As `pieces`, but a segment (a clause or sentence) that was begun is sent as a whole: for listeners that get each
        /// as a file.
        case segments(ahead: Duration)
    }

    /// What is said to a user who has been silent.
    public struct IdlePrompt: Sendable, Equatable {
        /// How long nobody has spoken.
        public var delay: Duration
        /// What is said.
        public var text: String
        /// How often it is said, until the user speaks again.
        public var limit: Int

        /// A prompt.
        public init(after delay: Duration, saying text: String, atMost limit: Int = 1) {
            self.delay = delay
            self.text = text
            self.limit = limit
        }
    }

    /// How it is decided that the user has finished.
    public var endpointing = Endpointing.adaptive
    /// The silence that ends a turn whose words are whole, with `adaptive`.
    public var minimumSilence: Duration = .milliseconds(240)
    /// The silence that ends a turn whose words leave it open; with `fixed`, any turn.
    public var silence: Duration = .milliseconds(400)
    /// The silence that ends a turn whose words break off, and one whose transcript is not known by then.
    public var maximumSilence: Duration = .milliseconds(1200)
    /// What becomes of an answer when the user begins to speak.
    public var interruption = Interruption.immediate
    /// The longest time that an answer is held.
    public var holdWindow: Duration = .milliseconds(700)
    /// Whether an answer is begun before it is certain that the user has finished. It is thrown away, unheard and unstored,
    /// when the user goes on.
    public var answersAhead = true
    /// How far sound may be sent ahead of playback.
    public var pacing = Pacing.unpaced
    /// The longest utterance; one that is longer is answered, and what follows is another one.
    public var longestUtterance: Duration = .seconds(120)
    /// An utterance is over when no sound has come for so long, as when the microphone was switched off: no silence would ever
    /// be heard.
    public var longestGap: Duration = .seconds(2)
    /// What is said to a user who has been silent; nil for nothing.
    public var idlePrompt: IdlePrompt?

    /// The standard manner.
    public init() {}

    /// As OpenAI's `server_vad`: 500 ms of silence, interrupted at once.
    public static var serverVAD: TurnTaking {
        var manner = TurnTaking()
        manner.endpointing = .fixed
        manner.silence = .milliseconds(500)
        manner.answersAhead = false
        return manner
    }
}

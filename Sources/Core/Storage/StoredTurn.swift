public import Foundation

/// The account of a finished turn: one user utterance and the answer to it.
public struct StoredTurn: Sendable, Equatable {
    /// A responder that gave up before another answered.
    public struct Handover: Sendable, Equatable, Codable {
        /// The responder's name.
        public var from: String
        /// Why it gave up, in one word for programs.
        public var reason: String

        /// A handover.
        public init(from: String, reason: String) {
            self.from = from
            self.reason = reason
        }
    }

    /// How long the parts of the turn took, to the millisecond; nil where a part did not happen.
    public struct Timings: Sendable, Equatable {
        /// From the end of speech to the decision that the user has finished.
        public var endpointing: Duration?
        /// From that decision to the transcript.
        public var transcription: Duration?
        /// From the transcript to the first token of the answer.
        public var firstToken: Duration?
        /// From the first token to the first whole sentence.
        public var firstSentence: Duration?
        /// From the first sentence to its first sound.
        public var synthesis: Duration?
        /// From the end of speech to the first sound of the answer.
        public var firstAudio: Duration?
        /// The whole turn.
        public var total: Duration?

        /// Timings, all unknown.
        public init() {}
    }

    /// How much sound of the answer there was, to the millisecond.
    public struct Playback: Sendable, Equatable {
        /// Sound that was synthesised.
        public var generated: Duration
        /// Sound that was sent to the client.
        public var sent: Duration
        /// Sound that was heard.
        public var heard: Duration

        /// Amounts of sound, by default none.
        public init(generated: Duration = .zero, sent: Duration = .zero, heard: Duration = .zero) {
            self.generated = generated
            self.sent = sent
            self.heard = heard
        }
    }

    /// The session it belongs to.
    public var session: String
    /// Its number in the session, at least 1.
    public var turn: Int
    /// How it ended, in one word.
    public var outcome: String
    /// What the user said. At most 256 KiB.
    public var transcript: String
    /// All that was generated as the answer. At most 256 KiB.
    public var answer: String
    /// The part of the answer that was heard. At most 256 KiB.
    public var heard: String
    /// Who answered: the name of one responder, such as `script`; nil if none did.
    public var responder: String?
    /// Who gave up before, in order; at most 32.
    public var handovers: [Handover] = []
    /// How long its parts took.
    public var timings = Timings()
    /// How much sound there was.
    public var playback = Playback()
    /// When it was stored, to the millisecond; set by the store.
    public internal(set) var createdAt = Date(timeIntervalSince1970: 0)

    /// The account of a turn; what is not given here can be set afterwards.
    public init(
        session: String,
        turn: Int,
        outcome: String,
        transcript: String,
        answer: String = "",
        heard: String = "",
        responder: String? = nil
    ) {
        self.session = session
        self.turn = turn
        self.outcome = outcome
        self.transcript = transcript
        self.answer = answer
        self.heard = heard
        self.responder = responder
    }
}

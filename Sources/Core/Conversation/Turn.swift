/// One user utterance and the answer to it.
public enum Turn {
    /// Counts the turns of a session, from 1.
    public typealias ID = Int

    /// What a turn is doing.
    public enum Phase: String, Sendable, Codable {
        /// The utterance is over, its transcript not yet known.
        case transcribing
        /// The responder has been asked and no sound has been made.
        case thinking
        /// There is sound to be heard.
        case speaking
    }

    /// How a turn ended. Every turn ends in exactly one of these.
    public enum Outcome: Sendable, Equatable {
        /// The whole answer was heard.
        case completed
        /// The user spoke over the answer (barge-in), or went on before it began.
        case interrupted
        /// The turn was called off by the application, or the session was closed.
        case cancelled
        /// The utterance held no words.
        case nothingSaid
        /// Something broke; `reason` is one sentence.
        case failed(stage: Stage, reason: String)
    }

    /// The part of a turn's work that can fail.
    public enum Stage: String, Sendable, Codable {
        /// Speech to text.
        case recognition
        /// Text to answer.
        case response
        /// Answer to speech.
        case synthesis
    }

    /// A responder that gave up before it said anything.
    public struct Handover: Sendable, Equatable, Codable {
        /// The responder's name.
        public var from: String
        /// Why it gave up, in one word for programs, such as `unreachable`.
        public var reason: String

        /// A handover.
        public init(from: String, reason: String) {
            self.from = from
            self.reason = reason
        }
    }

    /// The account of a finished turn.
    public struct Record: Sendable, Equatable {
        /// The turn.
        public var id: ID
        /// How it ended.
        public var outcome: Outcome
        /// What the user said; empty when that never became known.
        public var transcript: String
        /// All that was generated as the answer.
        public var answer: String
        /// The part of the answer that was heard.
        public var heardAnswer: String
        /// Who answered: the name of the responder that said the answer's text; nil if none did.
        public var responder: String?
        /// The responders that gave up before one answered.
        public var handovers: [Handover]
        /// How long its parts took.
        public var timings: TurnTimings
        /// Sound that was generated, sent and heard.
        public var playback: PlaybackLedger.Totals
    }
}

extension Turn.Outcome {
    /// The outcome in one word, for logs and metrics.
    public var name: String {
        switch self {
        case .completed: "completed"
        case .interrupted: "interrupted"
        case .cancelled: "cancelled"
        case .nothingSaid: "nothingSaid"
        case .failed: "failed"
        }
    }
}

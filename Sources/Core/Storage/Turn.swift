/// One user utterance and the answer to it. How it is held is the conversation's matter; what is told and stored of it is
/// the same everywhere.
public enum Turn {
    /// Counts the turns of a session, from 1.
    public typealias ID = Int

    /// How a turn ended. Every turn ends in exactly one of the first five.
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
        /// No end is known: the answer is being spoken, or the server was ended while it was.
        case unfinished
    }

    /// The part of a turn's work that can fail.
    public enum Stage: String, Sendable, Codable {
        /// Speech to text.
        case recognition
        /// Text to answer.
        case response
        /// Answer to speech.
        case synthesis
        /// The turn to the store.
        case storage
        /// What a tool does for the answer.
        case tools
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

    /// How long the parts of a turn took; nil where a part did not happen. The parts up to the first audio follow one
    /// another without gap or overlap, so they sum to `firstAudio`. The store keeps milliseconds.
    public struct Timings: Sendable, Equatable {
        /// From the end of speech to the decision that it was the end; its beginning is taken from the sample clock.
        public var endpointing: Duration = .zero
        /// From there to the transcript. Nearly nothing when the transcript was ready before the decision.
        public var transcription: Duration?
        /// From there to the first text of the answer.
        public var firstToken: Duration?
        /// From there to the first clause or sentence that can be spoken.
        public var firstSentence: Duration?
        /// From there to the first sound of the answer.
        public var synthesis: Duration?
        /// From the end of speech to the first sound of the answer.
        public var firstAudio: Duration?
        /// From the end of speech to the end of the turn.
        public var total: Duration?

        /// Timings of a turn in which nothing has happened.
        public init() {}
    }

    /// How much sound of the answer there was. The store keeps milliseconds.
    public struct Playback: Sendable, Equatable {
        /// Sound made.
        public var generated: Duration
        /// Sound handed to the listener.
        public var sent: Duration
        /// Sound heard.
        public var heard: Duration
        /// Of an answer that the user spoke over: the sound that the listener had been handed and had not heard when the
        /// user began to speak, so that it may have been heard over the user's words. Zero for other answers.
        public var leaked: Duration

        /// Amounts of sound, by default none.
        public init(
            generated: Duration = .zero,
            sent: Duration = .zero,
            heard: Duration = .zero,
            leaked: Duration = .zero
        ) {
            self.generated = generated
            self.sent = sent
            self.heard = heard
            self.leaked = leaked
        }
    }

    /// The account of a turn.
    public struct Record: Sendable, Equatable {
        /// The turn; at least 1.
        public var id: ID
        /// How it ended.
        public var outcome: Outcome
        /// What the user said; empty when that never became known.
        public var transcript: String
        /// The BCP 47 tag of the language the user spoke, where the recogniser told it.
        public var language: String?
        /// All that was generated as the answer.
        public var answer: String
        /// The part of the answer that was heard.
        public var heardAnswer: String
        /// Who answered: the name of the responder that said the answer's text; nil if none did.
        public var responder: String?
        /// The responders that gave up before one answered, in order.
        public var handovers: [Handover] = []
        /// How long its parts took.
        public var timings = Timings()
        /// Sound that was generated, sent and heard.
        public var playback = Playback()

        /// The account of a turn; what is not given here can be set afterwards.
        public init(
            id: ID,
            outcome: Outcome,
            transcript: String,
            answer: String = "",
            heardAnswer: String = "",
            responder: String? = nil
        ) {
            self.id = id
            self.outcome = outcome
            self.transcript = transcript
            self.answer = answer
            self.heardAnswer = heardAnswer
            self.responder = responder
        }
    }
}

extension Turn.Outcome {
    /// The outcome in one word, for logs, metrics and the store.
    public var name: String {
        switch self {
        case .completed: "completed"
        case .interrupted: "interrupted"
        case .cancelled: "cancelled"
        case .nothingSaid: "nothingSaid"
        case .failed: "failed"
        case .unfinished: "unfinished"
        }
    }

    /// The outcome of that name; nil if there is none. `stage` and `reason` are those of a failure.
    init?(name: String, stage: String?, reason: String?) {
        switch name {
        case "completed": self = .completed
        case "interrupted": self = .interrupted
        case "cancelled": self = .cancelled
        case "nothingSaid": self = .nothingSaid
        // Earlier versions stored neither stage nor reason.
        case "failed":
            self = .failed(stage: stage.flatMap(Turn.Stage.init(rawValue:)) ?? .response, reason: reason ?? "")
        case "unfinished": self = .unfinished
        default: return nil
        }
    }
}

public import Dialogue
public import Speech
public import Storage

/// Something that happened in a conversation, in the order in which it happened. Sound is not an event: it is read beside
/// them, as `AnswerSound`.
public struct ConversationEvent: Sendable, Equatable {
    /// What can happen.
    public enum Kind: Sendable, Equatable {
        /// The user began to speak, at this sample of the stream.
        case speechStarted(Utterance.ID, at: Int)
        /// The user has stopped speaking, at this sample of the stream, and has been silent for so long.
        case speechEnded(Utterance.ID, at: Int, silence: Duration)
        /// What the user seems to be saying; replaces earlier partial transcripts of the utterance.
        case partialTranscript(Utterance.ID, String)
        /// The user finished, and a turn began.
        case turnStarted(Turn.ID)
        /// What the user said.
        case transcript(Turn.ID, String)
        /// A responder gave up before it said anything.
        case responderFailed(Turn.ID, Turn.Handover)
        /// More text of the answer.
        case answerText(Turn.ID, String)
        /// A clause or sentence is going to be spoken; its index in the answer.
        case segment(Turn.ID, index: Int, String)
        /// The responder needs the result of a tool to go on.
        case toolCalled(Turn.ID, ToolCall)
        /// The result of a tool is there.
        case toolReturned(Turn.ID, call: String)
        /// How many tokens the answer has taken so far.
        case usage(Turn.ID, TokenUsage)
        /// The answer's first sound was made, and can be read after this.
        case speakingStarted(Turn.ID)
        /// The user speaks over the answer: what is being played must be held, for it may go on.
        case answerHeld(Turn.ID)
        /// The user listens on: the answer goes on where it was held.
        case answerResumed(Turn.ID)
        /// The turn is over; nothing of it follows. Sound of it that is still playing must stop, unless it completed.
        indirect case turnEnded(Turn.Record)
    }

    /// Counts the events of a session, from 1, without gaps.
    public var number: Int
    /// What happened.
    public var kind: Kind

    /// An event.
    public init(number: Int, kind: Kind) {
        self.number = number
        self.kind = kind
    }
}

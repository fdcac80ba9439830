public import Audio
public import Speech

/// What becomes of the segments of an answer: sound that is made here and handed to the session's listener, or words for
/// somebody who speaks elsewhere, such as an avatar, and tells how far the listener there has heard.
public protocol SpeechOutput: Sendable {
    /// The name by which failures call it.
    var name: String { get }

    /// How it is known what was heard of it; nil leaves that to the session's configuration.
    var playbackClock: PlaybackLedger.Clock? { get }

    /// Whether segments may be spoken before it is certain that anybody is going to hear them: what is made stays here.
    var speaksAhead: Bool { get }

    /// Somebody who speaks one answer, segment by segment.
    func speaker(for turn: TurnContext) -> any AnswerSpeaker
}

extension SpeechOutput {
    /// Left to the session's configuration.
    public var playbackClock: PlaybackLedger.Clock? { nil }

    /// Not: who speaks elsewhere is heard at once.
    public var speaksAhead: Bool { false }
}

/// Speaks the segments of one answer.
public protocol AnswerSpeaker: Sendable {
    /// Who speaks, if that is known.
    var speaker: Speaker? { get }

    /// Speaks a segment; the next one is begun when this one's steps have ended. Cancelling the task that reads them stops
    /// the speaking. Throws `SpeechError`, or `CancellationError` when cancelled.
    func speak(_ segment: AnswerSegment) -> SpeechSteps
}

/// A clause or sentence of an answer.
public struct AnswerSegment: Sendable, Equatable {
    /// Counts the segments of the answer, from 0.
    public var index: Int
    /// What is said.
    public var text: String

    /// A segment.
    public init(index: Int, text: String) {
        self.index = index
        self.text = text
    }
}

/// What happens while a segment is spoken.
public enum SpeechStep: Sendable, Equatable {
    /// More sound, for the session's listener.
    case sound(PCM)
    /// That much more sound was made elsewhere, and handed to the listener there.
    case spoken(Duration)
    /// The listener elsewhere has heard the segment up to there.
    case heard(upTo: Duration)
}

/// The steps in which a segment is spoken, taken one by one as they are asked for.
public struct SpeechSteps: AsyncSequence, Sendable {
    /// A step.
    public typealias Element = SpeechStep

    private let pull: @Sendable () async throws -> SpeechStep?

    /// Steps that `pull` returns one by one until it returns nil.
    public init(_ pull: @escaping @Sendable () async throws -> SpeechStep?) {
        self.pull = pull
    }

    /// Starts the speaking. The steps are read once.
    public func makeAsyncIterator() -> Iterator { Iterator(pull: pull) }

    /// Reads the steps.
    public struct Iterator: AsyncIteratorProtocol {
        fileprivate let pull: @Sendable () async throws -> SpeechStep?

        /// The next step, nil at the end. Throws what the speaker throws, or `CancellationError` when the reading task is
        /// cancelled.
        public mutating func next() async throws -> SpeechStep? {
            try Task.checkCancellation()
            return try await pull()
        }
    }
}

/// Speaks here, with a synthesiser.
public struct SynthesizedOutput: SpeechOutput {
    private let synthesizer: any SpeechSynthesizer
    private let options: SynthesisOptions

    /// The synthesiser's name.
    public var name: String { synthesizer.name }

    /// What is made is sound in memory.
    public var speaksAhead: Bool { true }

    /// An output that speaks with `synthesizer` in the manner of `options`.
    public init(_ synthesizer: any SpeechSynthesizer, options: SynthesisOptions = .standard) {
        self.synthesizer = synthesizer
        self.options = options
    }

    /// One voice for the whole answer.
    public func speaker(for turn: TurnContext) -> any AnswerSpeaker {
        Voice(speaker: synthesizer.speaker(with: options))
    }

    private struct Voice: AnswerSpeaker {
        private let text: any TextSpeaker

        var speaker: Speaker? { text.speaker }

        init(speaker: any TextSpeaker) {
            text = speaker
        }

        func speak(_ segment: AnswerSegment) -> SpeechSteps {
            let reading = Reading(text.speak(segment.text))
            return SpeechSteps { try await reading.next() }
        }
    }

    /// Reads one segment's sound.
    private actor Reading {
        private var iterator: SpeechAudio.Iterator?

        init(_ audio: SpeechAudio) {
            iterator = audio.makeAsyncIterator()
        }

        func next() async throws -> SpeechStep? {
            guard var reading = iterator.take() else { return nil }
            guard let sound = try await reading.next() else { return nil }
            iterator = reading
            return .sound(sound)
        }
    }
}

import Audio

/// Cuts a stream of sound into utterances: a state machine over samples and what a voice activity detector says of
/// them. Its only clock is the count of samples.
///
/// Long utterances come in parts: when speech goes on after a pause and the part is long enough to stand alone, the
/// sound up to the pause is a part that need not be transcribed again.
public struct UtteranceDetector: Sendable {
    /// How to cut.
    public struct Configuration: Sendable, Equatable {
        /// Sound kept from before the moment at which speech was noticed.
        public var preRoll: Duration = .milliseconds(300)
        /// The most silence after the end of speech that is kept with an utterance.
        public var postRoll: Duration = .milliseconds(300)
        /// The silence after which an utterance is worth transcribing, though it may go on.
        public var pause: Duration = .milliseconds(120)
        /// A part at least this long is closed when speech goes on after a pause.
        public var partLength: Duration = .seconds(10)
        /// A part is closed here even in the middle of a word.
        public var longestPart: Duration = .seconds(28)
        /// New speech after which a partial transcript is worth making, a tenth of the part's length added, because
        /// a longer part takes longer to transcribe; nil for none.
        public var partialInterval: Duration?
        /// An utterance is over when it has become this long, though the user goes on; nil for any length.
        public var longest: Duration?
        /// How long after the end of speech the voice activity detector still reports speech.
        public var hangover: Duration = .zero

        /// The standard times.
        public init() {}
    }

    /// What happened in the stream.
    public enum Event: Sendable, Equatable {
        /// Someone began to speak.
        case started(Utterance.ID, at: Int)
        /// Speech goes on and has grown; the audio is that of the current part so far.
        case grown(Utterance)
        /// Speech paused; it may have ended.
        case paused(Utterance)
        /// Speech goes on after a pause.
        case resumed(Utterance.ID)
        /// The current part of an utterance that goes on is closed.
        case part(Utterance)
        /// The utterance is over; its audio is that of the last part.
        case ended(Utterance)
    }

    private struct Speech {
        let id: Utterance.ID
        let onset: Int
        var partStart: Int
        var endOfSpeech: Int
        var nextPartial: Int?
        var isPaused = false
    }

    /// The silence that ends an utterance; nil where only `finish` does. It may be changed while one is going on.
    public var silence: Duration?
    /// Samples classified since the stream began.
    public private(set) var position = 0

    /// How to cut; what is changed holds from the next window on.
    public var configuration: Configuration
    private let sampleRate: Int
    private var buffer: [Float] = []
    private var bufferStart = 0
    private var speech: Speech?
    private var lastID = 0

    /// A detector for sound of `sampleRate` Hz in which `silence` ends an utterance.
    public init(sampleRate: Int, silence: Duration?, configuration: Configuration = Configuration()) {
        self.sampleRate = sampleRate
        self.silence = silence
        self.configuration = configuration
    }

    /// Whether an utterance is going on.
    public var isInUtterance: Bool { speech != nil }

    /// How many samples are kept.
    var bufferedSamples: Int { buffer.count }

    /// Takes sound that has not been classified yet.
    public mutating func append(_ samples: [Float]) {
        buffer.append(contentsOf: samples)
    }

    /// Takes the classification of the next window of the sound given to `append`.
    public mutating func advance(_ activity: VoiceActivity) -> [Event] {
        position = min(position + activity.count, bufferStart + buffer.count)
        defer { forget() }
        return activity.isSpeech ? heardSpeech(in: activity.count) : heardSilence()
    }

    /// Ends the utterance that is going on, if there is one, as at the end of a stream.
    public mutating func finish() -> [Event] {
        position = bufferStart + buffer.count
        defer { forget() }
        guard let speech else { return [] }
        self.speech = nil
        return [.ended(utterance(speech))]
    }

    private mutating func heardSpeech(in window: Int) -> [Event] {
        guard var speech else {
            lastID += 1
            let start = max(bufferStart, position - count(configuration.preRoll))
            self.speech = Speech(
                id: lastID,
                onset: max(start, position - window),
                partStart: start,
                endOfSpeech: position,
                nextPartial: configuration.partialInterval.map { position + count($0) }
            )
            return [.started(lastID, at: start)]
        }
        if let longest = configuration.longest, position - speech.onset >= count(longest) {
            speech.endOfSpeech = position
            self.speech = nil
            return [.ended(utterance(speech))]
        }
        var events: [Event] = []
        if speech.isPaused {
            speech.isPaused = false
            events.append(.resumed(speech.id))
            if speech.endOfSpeech - speech.partStart >= count(configuration.partLength) {
                events.append(close(&speech))
            }
        }
        speech.endOfSpeech = position
        if position - speech.partStart >= count(configuration.longestPart) {
            events.append(close(&speech))
        } else if let interval = configuration.partialInterval, let next = speech.nextPartial, position >= next {
            speech.nextPartial = position + count(interval) + (position - speech.partStart) / 10
            events.append(.grown(utterance(speech)))
        }
        self.speech = speech
        return events
    }

    private mutating func heardSilence() -> [Event] {
        guard var speech else { return [] }
        let quiet = Duration.samples(position - speech.endOfSpeech, at: sampleRate) + configuration.hangover
        if let silence, quiet >= silence {
            self.speech = nil
            return [.ended(utterance(speech))]
        }
        guard !speech.isPaused, quiet >= configuration.pause else { return [] }
        speech.isPaused = true
        self.speech = speech
        return [.paused(utterance(speech))]
    }

    /// Ends the current part of `speech` at its last speech and starts the next one there.
    private func close(_ speech: inout Speech) -> Event {
        let part = Event.part(utterance(speech))
        speech.partStart = speech.endOfSpeech
        return part
    }

    private func utterance(_ speech: Speech) -> Utterance {
        let end = min(position, speech.endOfSpeech + count(configuration.postRoll))
        return Utterance(
            id: speech.id,
            audio: PCM(
                Array(buffer[(speech.partStart - bufferStart)..<(end - bufferStart)]),
                sampleRate: sampleRate
            ),
            start: speech.partStart,
            onset: speech.onset,
            endOfSpeech: max(speech.partStart, speech.endOfSpeech - count(configuration.hangover)),
            position: position
        )
    }

    /// Drops sound that no event can need any more.
    private mutating func forget() {
        let needed = speech?.partStart ?? max(bufferStart, position - count(configuration.preRoll))
        let spare = needed - bufferStart
        // Moving the rest down costs as much as the rest is long, so it is done seldom.
        guard spare > sampleRate else { return }
        buffer.removeFirst(spare)
        bufferStart += spare
    }

    private func count(_ duration: Duration) -> Int { duration.samples(at: sampleRate) }
}

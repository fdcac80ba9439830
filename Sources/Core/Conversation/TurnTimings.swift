/// How long the parts of a turn took. The parts up to the first audio follow one another without gap or overlap, so
/// they sum to `firstAudio`.
public struct TurnTimings: Sendable, Equatable {
    /// From the end of speech to the decision that it was the end; its beginning is taken from the sample clock.
    public private(set) var endpointing: Duration = .zero
    /// From there to the transcript. Nearly nothing when the transcript was ready before the decision.
    public private(set) var transcription: Duration?
    /// From there to the first text of the answer.
    public private(set) var firstToken: Duration?
    /// From there to the first clause or sentence that can be spoken.
    public private(set) var firstSentence: Duration?
    /// From there to the first sound of the answer.
    public private(set) var synthesis: Duration?
    /// From the end of speech to the end of the turn.
    public private(set) var total: Duration?

    private let endOfSpeech: ContinuousClock.Instant
    private var last: ContinuousClock.Instant

    /// Starts at the `endpoint`, the moment at which the utterance was found to be over, `silence` after its end.
    init(endpoint: ContinuousClock.Instant, silence: Duration) {
        endpointing = silence
        endOfSpeech = endpoint - silence
        last = endpoint
    }

    /// From the end of speech to the first sound of the answer; nil if there was none.
    public var firstAudio: Duration? {
        guard let transcription, let firstToken, let firstSentence, let synthesis else { return nil }
        return endpointing + transcription + firstToken + firstSentence + synthesis
    }

    mutating func transcriptKnown(at now: ContinuousClock.Instant) { note(\.transcription, now) }
    mutating func tokenArrived(at now: ContinuousClock.Instant) { note(\.firstToken, now) }
    mutating func sentenceReady(at now: ContinuousClock.Instant) { note(\.firstSentence, now) }
    mutating func audioMade(at now: ContinuousClock.Instant) { note(\.synthesis, now) }
    mutating func ended(at now: ContinuousClock.Instant) { total = now - endOfSpeech }

    private mutating func note(_ part: WritableKeyPath<TurnTimings, Duration?>, _ now: ContinuousClock.Instant) {
        guard self[keyPath: part] == nil else { return }
        self[keyPath: part] = now - last
        last = now
    }
}

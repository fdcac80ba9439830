import Storage

/// Measures the parts of a turn that goes on.
struct TurnStopwatch: Sendable {
    private(set) var timings = Turn.Timings()
    private let endOfSpeech: ContinuousClock.Instant
    private var last: ContinuousClock.Instant

    /// Starts at the `endpoint`, the moment at which the utterance was found to be over, `silence` after its end.
    init(endpoint: ContinuousClock.Instant, silence: Duration) {
        timings.endpointing = silence
        endOfSpeech = endpoint - silence
        last = endpoint
    }

    mutating func transcriptKnown(at now: ContinuousClock.Instant) { note(\.transcription, now) }
    mutating func tokenArrived(at now: ContinuousClock.Instant) { note(\.firstToken, now) }
    mutating func sentenceReady(at now: ContinuousClock.Instant) { note(\.firstSentence, now) }

    mutating func audioMade(at now: ContinuousClock.Instant) {
        guard timings.firstAudio == nil else { return }
        note(\.synthesis, now)
        timings.firstAudio = now - endOfSpeech
    }

    mutating func ended(at now: ContinuousClock.Instant) { timings.total = now - endOfSpeech }

    private mutating func note(_ part: WritableKeyPath<Turn.Timings, Duration?>, _ now: ContinuousClock.Instant) {
        guard timings[keyPath: part] == nil else { return }
        timings[keyPath: part] = now - last
        last = now
    }
}

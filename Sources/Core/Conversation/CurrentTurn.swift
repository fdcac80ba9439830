import Dialogue
import Speech

/// The turn that is going on, as the conversation's machine keeps it.
struct CurrentTurn: Sendable {
    let id: Turn.ID
    /// The utterance it answers; nil when the user wrote.
    let utterance: Utterance.ID?
    var phase: Turn.Phase = .transcribing
    var timings: TurnTimings
    var ledger: PlaybackLedger
    var transcript = ""
    var responder: String?
    var handovers: [Turn.Handover] = []
    private(set) var isTextComplete = false
    private(set) var segmentCount = 0
    private(set) var answerLength = 0
    private var answer = ""
    private var segments = SpeakableSegments()

    init(id: Turn.ID, utterance: Utterance.ID?, timings: TurnTimings, ledger: PlaybackLedger) {
        self.id = id
        self.utterance = utterance
        self.timings = timings
        self.ledger = ledger
    }

    /// Takes more text of the answer and returns the segments that can now be spoken.
    mutating func append(_ text: String) -> [String] {
        answer += text
        answerLength += text.count
        return segments.append(text)
    }

    /// Takes note that no text follows and returns the last segments.
    mutating func finishText() -> [String] {
        isTextComplete = true
        return segments.finish()
    }

    /// Takes a segment into account that is going to be spoken and returns its index.
    mutating func expect(_ segment: String) -> Int {
        ledger.expect(segment)
        segmentCount += 1
        return segmentCount - 1
    }

    func record(_ outcome: Turn.Outcome, at now: ContinuousClock.Instant) -> Turn.Record {
        Turn.Record(
            id: id,
            outcome: outcome,
            transcript: transcript,
            answer: answer,
            heardAnswer: ledger.heardText(at: now),
            responder: responder,
            handovers: handovers,
            timings: timings,
            playback: ledger.totals(at: now)
        )
    }
}

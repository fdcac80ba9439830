import Dialogue
import Speech
import Storage

/// The turn that is going on, as the conversation's machine keeps it.
struct CurrentTurn: Sendable {
    let id: Turn.ID
    /// The utterance it answers; nil when the user wrote.
    let utterance: Utterance.ID?
    var phase: Turn.Phase = .transcribing
    var stopwatch: TurnStopwatch
    var ledger: PlaybackLedger
    var transcript = ""
    /// The language that the user spoke, where it is known.
    var language: String?
    var responder: String?
    var handovers: [Turn.Handover] = []
    /// The tools used for the answer.
    var tools = ToolRounds()
    /// When the user began to speak over the answer.
    var onset: ContinuousClock.Instant?
    /// What was asked of the responder.
    var prompt: Prompt?
    private(set) var isTextComplete = false
    private(set) var segmentCount = 0
    private(set) var answerLength = 0
    private var answer = ""
    /// How much of the answer was said in earlier responses.
    private var earlier = ""
    /// Segments that are spoken when the answer is whole.
    private var deferred: [String] = []
    private var segments = SpeakableSegments()

    init(id: Turn.ID, utterance: Utterance.ID?, stopwatch: TurnStopwatch, ledger: PlaybackLedger) {
        self.id = id
        self.utterance = utterance
        self.stopwatch = stopwatch
        self.ledger = ledger
    }

    /// Takes more text of the answer and returns the segments that can now be spoken.
    mutating func append(_ text: String) -> [String] {
        answer += text
        answerLength += text.count
        return segments.append(text)
    }

    /// Takes note that the response has ended though more of the answer follows in another one. Returns what it said, and
    /// the segments that can now be spoken.
    mutating func finishResponse() -> (text: String, segments: [String]) {
        defer { earlier = answer }
        let rest = segments.finish()
        segments = SpeakableSegments()
        return (String(answer.dropFirst(earlier.count)), rest)
    }

    /// Takes note that no text follows and returns the last segments.
    mutating func finishText() -> [String] {
        isTextComplete = true
        return segments.finish()
    }

    /// Keeps segments for later.
    mutating func deferSegments(_ segments: [String]) { deferred += segments }

    /// The segments kept for later, which are not kept any more.
    mutating func takeDeferred() -> [String] {
        defer { deferred = [] }
        return deferred
    }

    /// Whether there is a segment of this index.
    func hasSegment(_ index: Int) -> Bool { 0..<segmentCount ~= index }

    /// Takes a segment into account that is going to be spoken and returns its index.
    mutating func expect(_ segment: String) -> Int {
        ledger.expect(segment)
        segmentCount += 1
        return segmentCount - 1
    }

    /// The account of the turn; `onset` is when the user began to speak over its answer.
    func record(
        _ outcome: Turn.Outcome,
        at now: ContinuousClock.Instant,
        onset: ContinuousClock.Instant? = nil
    ) -> Turn.Record {
        var record = Turn.Record(
            id: id,
            outcome: outcome,
            transcript: transcript,
            answer: answer,
            heardAnswer: ledger.heardText(at: now),
            responder: responder
        )
        record.language = language
        record.handovers = handovers
        record.timings = stopwatch.timings
        record.playback = ledger.totals(at: now, onset: onset)
        return record
    }
}

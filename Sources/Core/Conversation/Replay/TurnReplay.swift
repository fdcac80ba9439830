public import Audio
public import Speech

/// Runs recorded sound through a policy of taking turns, faster than it was spoken: what would have happened with other
/// settings.
///
/// The clock is that of the recording's samples. A transcript counts as known as long after it was asked for as the
/// recogniser took for it.
public struct TurnReplay: Sendable {
    /// The user goes on within this time behind the end of a turn: the turn was cut off.
    public static let cutOffWindow: Duration = .seconds(1)

    private let voiceActivity: any VoiceActivityEngine
    private let transcripts: TranscriptCache
    private let recognizer: any SpeechRecognizer
    private let language: String?

    /// A replay with these engines. Transcripts are kept, so that several policies can be tried on one recording.
    public init(voiceActivity: any VoiceActivityEngine, recognizer: any SpeechRecognizer, language: String? = nil) {
        self.voiceActivity = voiceActivity
        self.recognizer = recognizer
        self.language = language
        transcripts = TranscriptCache(recognizer, language: language)
    }

    /// What `policy` makes of what a user said; `answers` are the times at which answers were played, in the recording.
    /// `tell` is called with the part that is done. Throws `SpeechError` and `AudioError`.
    public func run(
        _ sound: PCM,
        answers: [Range<Duration>] = [],
        policy: TurnTaking,
        tell: (Double) -> Void = { _ in }
    ) async throws -> ReplayedTurns {
        let detector = try await voiceActivity.makeDetector()
        var course = Course(rate: detector.sampleRate, policy, language: language, answers: answers)
        var cutting = UtteranceDetector.Configuration()
        cutting.partialInterval = recognizer.partialInterval
        cutting.longestPart = min(cutting.longestPart, recognizer.longestUtterance)
        cutting.hangover = detector.hangover
        cutting.longest = policy.longestUtterance
        var utterances = UtteranceDetector(sampleRate: detector.sampleRate, silence: nil, configuration: cutting)
        let samples = sound.resampled(to: detector.sampleRate)
        // Silence behind the end, so that the last turn ends.
        let tail = PCM.silence(policy.maximumSilence + .seconds(1), sampleRate: detector.sampleRate)
        let total = max(1, samples.samples.count)
        for piece in samples.pieces(of: .milliseconds(32)) + tail.pieces(of: .milliseconds(32)) {
            try Task.checkCancellation()
            utterances.append(piece.samples)
            for window in try await detector.process(piece.samples) {
                course.deliver()
                utterances.silence = course.silence
                for event in utterances.advance(window) {
                    for (request, audio) in course.happened(event, at: utterances.position) {
                        let known = try await transcripts.transcript(of: audio)
                        course.expect(request, known.text, after: known.delay)
                    }
                }
                course.pass(to: utterances.position)
            }
            tell(min(1, Double(utterances.position) / Double(total)))
        }
        return course.finish()
    }
}

/// The transcripts of a recording's parts, and how long each took.
private actor TranscriptCache {
    private let recognizer: any SpeechRecognizer
    private let language: String?
    private var known: [[Float]: (text: String, delay: Duration)] = [:]

    init(_ recognizer: any SpeechRecognizer, language: String?) {
        self.recognizer = recognizer
        self.language = language
    }

    func transcript(of sound: PCM) async throws -> (text: String, delay: Duration) {
        if let known = known[sound.samples] { return known }
        let start = ContinuousClock.now
        let text = try await recognizer.transcribe(sound, language: language).text
        let result = (text: text, delay: ContinuousClock.now - start)
        known[sound.samples] = result
        return result
    }
}

/// The course of a replay: what is known at each moment of the recording.
private struct Course {
    private struct Open {
        var turn: ReplayedTurn
        var overlap: OverlapPolicy?
        /// When the answer was held; nil if it is not.
        var heldSince: Int?
    }

    private let rate: Int
    private let policy: TurnTaking
    private let language: String?
    private let answers: [Range<Duration>]
    private var endpoint: EndpointPolicy
    private var assembler = TranscriptAssembler()
    private var awaited: [(due: Int, request: TranscriptAssembler.RequestID, text: String)] = []
    private var position = 0
    private var open: [Utterance.ID: Open] = [:]
    private var order: [Utterance.ID] = []

    init(rate: Int, _ policy: TurnTaking, language: String?, answers: [Range<Duration>]) {
        self.rate = rate
        self.policy = policy
        self.language = language
        self.answers = answers
        endpoint = EndpointPolicy(policy, language: language)
    }

    var silence: Duration? { endpoint.silence }

    private func milliseconds(_ samples: Int) -> Double { Duration.samples(samples, at: rate).milliseconds }

    mutating func happened(
        _ event: UtteranceDetector.Event,
        at position: Int
    ) -> [(TranscriptAssembler.RequestID, PCM)] {
        self.position = position
        switch event {
        case .started(let id, let sample):
            endpoint.speaks()
            let start = milliseconds(sample)
            var begun = Open(
                turn: ReplayedTurn(startMs: start, endOfSpeechMs: start, endpointMs: start, transcript: "")
            )
            let now = Duration.samples(position, at: rate)
            if policy.interruption != .never, answers.contains(where: { $0.contains(now) }) {
                begun.overlap = OverlapPolicy(id, language: language)
                if policy.interruption == .immediate {
                    begun.turn.overlap = .interrupted
                } else {
                    begun.heldSince = position
                }
            }
            open[id] = begun
            order.append(id)
        case .paused(let utterance):
            decide(utterance.id) { $0.paused(after: utterance.speech) }
        case .resumed(let id):
            endpoint.speaks()
            open[id]?.overlap?.wentOn()
        case .ended(let utterance):
            let (end, decided) = (milliseconds(utterance.endOfSpeech), milliseconds(utterance.position))
            open[utterance.id]?.turn.endOfSpeechMs = end
            open[utterance.id]?.turn.endpointMs = decided
            decide(utterance.id) { $0.ended(after: utterance.speech) }
            endpoint.speaks()
        case .grown, .part:
            break
        }
        return carryOut(assembler.handle(event))
    }

    /// A transcript is going to be known so long after now.
    mutating func expect(_ request: TranscriptAssembler.RequestID, _ text: String, after delay: Duration) {
        awaited.append((position + delay.samples(at: rate), request, text))
    }

    /// Takes the transcripts that are known by now.
    mutating func deliver() {
        let due = awaited.filter { $0.due <= position }.sorted { $0.due < $1.due }
        awaited.removeAll { $0.due <= position }
        for result in due { _ = carryOut(assembler.completed(result.request, result.text)) }
    }

    /// Time passes.
    mutating func pass(to position: Int) {
        self.position = position
        for (id, turn) in open {
            guard let since = turn.heldSince, position - since >= policy.holdWindow.samples(at: rate) else { continue }
            decide(id) { $0.windowElapsed() }
        }
    }

    private mutating func carryOut(_ actions: [TranscriptAssembler.Action]) -> [(TranscriptAssembler.RequestID, PCM)] {
        var asked: [(TranscriptAssembler.RequestID, PCM)] = []
        for action in actions {
            switch action {
            case .transcribe(let request, let sound): asked.append((request, sound))
            case .abandon(let request): awaited.removeAll { $0.request == request }
            case .partial(let id, let text, let inPause):
                if inPause { endpoint.paused(after: text) }
                decide(id) { inPause ? $0.transcribed(text) : $0.heard(text) }
            case .finished(let id, let text):
                open[id]?.turn.transcript = text
                decide(id) { $0.transcribed(text) }
            case .broken: break
            }
        }
        return asked
    }

    private mutating func decide(_ id: Utterance.ID, _ ask: (inout OverlapPolicy) -> OverlapPolicy.Decision) {
        guard var overlap = open[id]?.overlap else { return }
        let decision = ask(&overlap)
        open[id]?.overlap = overlap
        guard open[id]?.turn.overlap != .interrupted else { return }
        switch decision {
        case .wait: return
        case .resume: open[id]?.turn.overlap = .resumed
        case .cancel: open[id]?.turn.overlap = .interrupted
        }
        open[id]?.heldSince = nil
    }

    mutating func finish() -> ReplayedTurns {
        position = .max
        deliver()
        var turns = order.compactMap { open[$0]?.turn }
        let lexicon = TurnLexicon.of(language)
        for index in turns.indices {
            let turn = turns[index]
            let isSound = TurnLexicon.isWordless(turn.transcript) || lexicon.isBackchannel(turn.transcript)
            turns[index].isFalseInterruption = turn.overlap == .interrupted && isSound
            guard index + 1 < turns.count, turn.overlap != .resumed else { continue }
            let gap = turns[index + 1].startMs - turn.endpointMs
            turns[index].isCutOff = gap < TurnReplay.cutOffWindow.milliseconds
        }
        return ReplayedTurns(turns: turns)
    }
}

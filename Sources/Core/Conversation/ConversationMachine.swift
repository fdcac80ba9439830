public import Audio
public import Dialogue
public import Speech
public import Storage

/// The conversation of one session: a state machine with no I/O, clock or lock inside.
///
/// It listens; when an utterance has ended it begins a turn, which is transcribing, then thinking, then speaking, and
/// ends in exactly one outcome. Inputs that speak of a turn that is over are ignored, so late results do no harm.
public struct ConversationMachine: Sendable {
    /// How a conversation goes.
    public struct Configuration: Sendable {
        /// The user's name, if known.
        public var userName: String?
        /// The BCP 47 tag of the language spoken.
        public var language = "en"
        /// How the session and its user take turns.
        public var turnTaking = TurnTaking()
        /// How it is known what has been heard.
        public var playbackClock: PlaybackLedger.Clock = .realtime
        /// The longest time from the end of an utterance to its transcript.
        public var transcriptionTimeout: Duration = .seconds(60)
        /// The longest time from the transcript to the first sound of the answer.
        public var answerTimeout: Duration = .seconds(60)
        /// The longest time that a listener who acknowledges may stay silent after everything was sent.
        public var acknowledgementTimeout: Duration = .seconds(30)
        /// The most messages kept as history.
        public var historyLimit = 200
        /// The most characters that one answer may have; the rest is neither asked for nor spoken.
        public var answerLimit = 20_000
        /// Whether an answer is spoken only when all of its text is known, so that a responder that fails in the middle
        /// has not been heard. The answer's time limit is then for the whole text, and again for its first sound.
        public var speaksWholeAnswers = false
        /// Whether what is said is only transcribed: a turn ends with its transcript.
        public var transcribesOnly = false
        /// How answers should be, and the tools that there are for them.
        public var prompting = PromptOptions()
        /// The longest time to the results of the tools that a response calls.
        public var toolTimeout: Duration = .seconds(60)

        /// The standard configuration.
        public init() {}
    }

    /// What waits for time to pass.
    public enum Timer: Sendable, Hashable {
        /// The transcript.
        case transcription
        /// The first sound of the answer.
        case answer
        /// The results of tools.
        case tools
        /// The end of playback.
        case playback
        /// What speech over an answer that is held means.
        case hold
    }

    /// What the owner of the machine must do, in the order given.
    public enum Action: Sendable, Equatable {
        /// Tell the readers that something happened. No work begins or ends by it.
        case publish(ConversationEvent.Kind)
        /// Get ready to work on a turn.
        case begin(Turn.ID)
        /// Ask the responder.
        case respond(Turn.ID, Prompt)
        /// Have tools do what the responder asks for, and tell the results by `toolReturned`.
        case runTools(Turn.ID, [ToolCall])
        /// Stop reading the response; nothing more of it is needed.
        case stopResponding(Turn.ID)
        /// Have a segment spoken after those asked for before.
        case speak(Turn.ID, index: Int, String)
        /// The first sound of the answer is there: once the turn so far is where it must be, let readers have
        /// `speakingStarted` and the sound behind it.
        case startSpeaking(Turn.Record)
        /// Hand sound of a segment to the listener.
        case play(Turn.ID, segment: Int, PCM)
        /// Hand no more of the turn's sound to the listener until `release`.
        case hold(Turn.ID)
        /// Go on handing sound to the listener.
        case release(Turn.ID)
        /// All sound of a segment was handed over by `play`.
        case endSegment(Turn.ID, segment: Int)
        /// Report with `timerFired` after this time, unless the turn has ended; replaces a timer of the same kind.
        case startTimer(Turn.ID, Timer, Duration)
        /// The turn is over: stop all work and timers of it and discard its sound that has not been sent.
        case stop(Turn.ID)
        /// Once the account of the turn is where it must be, let readers have `turnEnded` with it.
        case finish(Turn.Record)
    }

    /// The conversation so far, oldest first, as it was heard.
    public private(set) var history: [Message] = []

    private var configuration: Configuration
    private var turn: CurrentTurn?
    /// What the user says over the answer: while it is held, and while an utterance goes on for which it was resumed.
    private var overlap: OverlapPolicy?
    /// What the user says since before an answer that is over now: no turn begins with it if it is what a listener says.
    private var afterthought: OverlapPolicy?
    /// The silence behind what was said over the answer.
    private var overlapSilence: Duration = .zero
    private var lastTurn: Turn.ID = 0
    private var isClosed = false

    /// A conversation in which nothing has been said.
    public init(configuration: Configuration = Configuration()) {
        self.configuration = configuration
    }

    /// The turn that is going on.
    public var currentTurn: (id: Turn.ID, phase: Turn.Phase)? {
        turn.map { ($0.id, $0.phase) }
    }

    /// From now on answers should be so.
    public mutating func use(_ prompting: PromptOptions) {
        configuration.prompting = prompting
    }

    /// How much of the sound that the listener was handed is still to be heard; nil when no turn goes on.
    public func soundAhead(now: ContinuousClock.Instant) -> Duration? { turn?.ledger.ahead(at: now) }

    /// From now on turns are taken so.
    public mutating func use(_ turnTaking: TurnTaking) {
        configuration.turnTaking = turnTaking
    }

    /// What the responder would be asked, if the user had finished with these words, and the turn that would begin.
    public func outlook(on text: String) -> (turn: Turn.ID, prompt: Prompt) {
        (lastTurn + 1, prompt(for: text, language: nil))
    }

    // MARK: What the user does

    /// The user began to speak, `delay` ago.
    public mutating func speechStarted(
        _ id: Utterance.ID,
        at sample: Int,
        delay: Duration = .zero,
        now: ContinuousClock.Instant
    ) -> [Action] {
        guard !isClosed else { return [] }
        let started: [Action] = [.publish(.speechStarted(id, at: sample))]
        switch configuration.turnTaking.interruption {
        case .never: return started
        case .immediate: return started + end(.interrupted, at: now, onset: now - delay)
        case .twoStep: return started + hold(for: id, onset: now - delay, now: now)
        }
    }

    /// What the user seems to be saying; `inPause` tells whether the user has paused behind it.
    public mutating func partialTranscript(
        _ id: Utterance.ID,
        _ text: String,
        inPause: Bool = false,
        now: ContinuousClock.Instant
    ) -> [Action] {
        guard !isClosed else { return [] }
        let told: [Action] = text.isEmpty ? [] : [.publish(.partialTranscript(id, text))]
        guard overlap?.utterance == id else { return told }
        let decision = inPause ? overlap?.transcribed(text) : overlap?.heard(text)
        return told + carryOut(decision, now: now)
    }

    /// The user paused, after speech of this length.
    public mutating func speechPaused(
        _ id: Utterance.ID,
        after speech: Duration,
        now: ContinuousClock.Instant
    ) -> [Action] {
        guard overlap?.utterance == id else { return [] }
        return carryOut(overlap?.paused(after: speech), now: now)
    }

    /// The user goes on after a pause.
    public mutating func speechResumed(_ id: Utterance.ID) {
        if overlap?.utterance == id { overlap?.wentOn() }
    }

    /// The user finished speaking, `silence` ago, at `sample` of the stream: a turn begins, unless that was said over an
    /// answer and it is not known yet what it means. Where answers are not interrupted, what is said during one is passed
    /// over.
    public mutating func utteranceEnded(
        _ id: Utterance.ID,
        at sample: Int,
        speech: Duration = .seconds(1),
        silence: Duration,
        now: ContinuousClock.Instant
    ) -> [Action] {
        guard !isClosed else { return [] }
        let ended: [Action] = [.publish(.speechEnded(id, at: sample, silence: silence))]
        guard turn == nil || configuration.turnTaking.interruption != .never else { return ended }
        if overlap?.utterance == id {
            // Its transcript, or the end of the time for which the answer may be held, decides.
            overlapSilence = silence
            return ended + carryOut(overlap?.ended(after: speech), now: now)
        }
        if afterthought?.utterance == id {
            overlapSilence = silence
            return ended
        }
        return ended + answer(id, silence: silence, now: now)
    }

    private mutating func answer(_ id: Utterance.ID, silence: Duration, now: ContinuousClock.Instant) -> [Action] {
        let actions = begin(utterance: id, silence: silence, now: now)
        guard let turn else { return actions }
        return actions + [.startTimer(turn.id, .transcription, configuration.transcriptionTimeout)]
    }

    // MARK: Speech over an answer

    /// Holds the answer, whatever has become of it so far, until it is clear what the user wants.
    private mutating func hold(
        for id: Utterance.ID,
        onset: ContinuousClock.Instant,
        now: ContinuousClock.Instant
    ) -> [Action] {
        guard let turn else { return [] }
        overlap = OverlapPolicy(id, language: turn.language ?? configuration.language)
        self.turn?.onset = onset
        guard self.turn?.ledger.hold(at: now) == true else { return [] }
        return [
            .hold(turn.id), .publish(.answerHeld(turn.id)),
            .startTimer(turn.id, .hold, configuration.turnTaking.holdWindow),
        ]
    }

    private mutating func carryOut(_ decision: OverlapPolicy.Decision?, now: ContinuousClock.Instant) -> [Action] {
        guard let overlap, let turn else { return [] }
        switch decision {
        case .wait?, nil:
            return []
        case .resume?:
            if overlap.hasEnded { self.overlap = nil }
            guard self.turn?.ledger.release(at: now) == true else { return [] }
            return [.release(turn.id), .publish(.answerResumed(turn.id))] + finishIfHeard(now: now)
        case .cancel?:
            let interruption = end(.interrupted, at: now, onset: turn.onset)
            return overlap.hasEnded
                ? interruption + answer(overlap.utterance, silence: overlapSilence, now: now) : interruption
        }
    }

    /// The user wrote `text` instead of speaking: a turn begins with its transcript known.
    public mutating func userWrote(_ text: String, now: ContinuousClock.Instant) -> [Action] {
        begin(utterance: nil, silence: .zero, now: now) + transcriptKnown(text, now: now)
    }

    /// The user sent a recording, which counts as one utterance: a turn begins, whose transcript is told by
    /// `transcribed(turn:)`, however long that takes.
    public mutating func recordingReceived(now: ContinuousClock.Instant) -> [Action] {
        begin(utterance: nil, silence: .zero, now: now)
    }

    /// Someone calls the current turn off.
    public mutating func cancel(now: ContinuousClock.Instant) -> [Action] {
        end(.cancelled, at: now)
    }

    /// The conversation begins anew: what goes on is called off, what was said is forgotten.
    public mutating func forget(now: ContinuousClock.Instant) -> [Action] {
        let actions = end(.cancelled, at: now)
        history = []
        afterthought = nil
        return actions
    }

    /// The session is over.
    public mutating func close(now: ContinuousClock.Instant) -> [Action] {
        defer { isClosed = true }
        return end(.cancelled, at: now)
    }

    // MARK: What the engines say

    /// The transcript of an utterance that has ended is known.
    public mutating func transcribed(
        _ id: Utterance.ID,
        _ text: String,
        now: ContinuousClock.Instant
    ) -> [Action] {
        if afterthought?.utterance == id {
            defer { afterthought = nil }
            guard afterthought?.transcribed(text) == .cancel else { return [] }
            return answer(id, silence: overlapSilence, now: now) + transcriptKnown(text, now: now)
        }
        guard overlap?.utterance == id else {
            return turn?.utterance == id ? transcriptKnown(text, now: now) : []
        }
        let actions = carryOut(overlap?.transcribed(text), now: now)
        return turn?.utterance == id ? actions + transcriptKnown(text, now: now) : actions
    }

    /// The transcript of a recording is known, and its language if the recogniser tells it.
    public mutating func transcribed(
        turn id: Turn.ID,
        _ text: String,
        language: String?,
        now: ContinuousClock.Instant
    ) -> [Action] {
        guard turn?.id == id else { return [] }
        turn?.language = language
        return transcriptKnown(text, now: now)
    }

    /// The transcript of an utterance that has ended cannot be had.
    public mutating func transcriptionFailed(
        _ id: Utterance.ID,
        reason: String,
        now: ContinuousClock.Instant
    ) -> [Action] {
        // What was said over an answer and cannot be understood is no reason to end it.
        if afterthought?.utterance == id { afterthought = nil }
        if overlap?.utterance == id { return carryOut(.resume, now: now) }
        guard let turn, turn.utterance == id, turn.phase == .transcribing else { return [] }
        return end(.failed(stage: .recognition, reason: reason), at: now)
    }

    private mutating func transcriptKnown(_ text: String, now: ContinuousClock.Instant) -> [Action] {
        guard let id = turn?.id, turn?.phase == .transcribing else { return [] }
        turn?.stopwatch.transcriptKnown(at: now)
        guard text.contains(where: { !$0.isWhitespace }) else { return end(.nothingSaid, at: now) }
        turn?.transcript = text
        turn?.phase = .thinking
        if configuration.transcribesOnly { return [.publish(.transcript(id, text))] + end(.completed, at: now) }
        let prompt = prompt(for: text, language: turn?.language)
        turn?.prompt = prompt
        remember(Message(role: .user, text: text))
        return [
            .publish(.transcript(id, text)), .startTimer(id, .answer, configuration.answerTimeout),
            .respond(id, prompt),
        ]
    }

    private func prompt(for text: String, language: String?) -> Prompt {
        Prompt(
            text,
            history: history,
            userName: configuration.userName,
            language: language ?? configuration.language,
            options: configuration.prompting
        )
    }

    /// The assistant says `text` without being asked, as to a user who has been silent: a turn begins, unless one goes on.
    public mutating func say(_ text: String, now: ContinuousClock.Instant) -> [Action] {
        guard turn == nil, !isClosed else { return [] }
        let actions = begin(utterance: nil, silence: .zero, now: now)
        guard let id = turn?.id else { return actions }
        turn?.phase = .thinking
        turn?.stopwatch.transcriptKnown(at: now)
        return actions + [.startTimer(id, .answer, configuration.answerTimeout)] + take(text, of: id, now: now)
            + (turn?.isTextComplete == false ? finishAnswer(id, now: now) : [])
    }

    /// The responder gave more text, was replaced by another or told who answers.
    public mutating func responded(_ id: Turn.ID, _ piece: ResponsePiece, now: ContinuousClock.Instant) -> [Action] {
        guard isAnswering(id), turn?.isTextComplete == false else { return [] }
        switch piece {
        case .handedOver(let from, let reason):
            let handover = Turn.Handover(from: from, reason: reason)
            turn?.handovers.append(handover)
            return [.publish(.responderFailed(id, handover))]
        case .answering(let name):
            turn?.responder = name
            return []
        case .text(let text):
            return take(text, of: id, now: now)
        case .toolCall(let piece):
            guard turn?.tools.take(piece) == false else { return [] }
            return end(.failed(stage: .response, reason: "The responder calls more tools than it may."), at: now)
        case .usage(let usage):
            return [.publish(.usage(id, usage))]
        }
    }

    private mutating func take(_ text: String, of id: Turn.ID, now: ContinuousClock.Instant) -> [Action] {
        guard !text.isEmpty, let length = turn?.answerLength else { return [] }
        let text = String(text.prefix(configuration.answerLimit - length))
        turn?.stopwatch.tokenArrived(at: now)
        let segments = turn?.append(text) ?? []
        let actions = [.publish(.answerText(id, text))] + speakWhenDue(segments, now: now)
        guard length + text.count >= configuration.answerLimit else { return actions }
        return actions + [.stopResponding(id)] + finishAnswer(id, now: now)
    }

    /// The responder has said everything, or everything before the results of the tools that it calls.
    public mutating func responseEnded(_ id: Turn.ID, now: ContinuousClock.Instant) -> [Action] {
        guard isAnswering(id), turn?.isTextComplete == false, turn?.tools.isWaiting == false else { return [] }
        let calling = callTools(for: id, now: now)
        return calling.isEmpty ? finishAnswer(id, now: now) : calling
    }

    /// No more text of the answer follows.
    private mutating func finishAnswer(_ id: Turn.ID, now: ContinuousClock.Instant) -> [Action] {
        let segments = (turn?.takeDeferred() ?? []) + (turn?.finishText() ?? [])
        var actions = speak(segments, now: now)
        if turn?.segmentCount == 0 {
            return end(.failed(stage: .response, reason: "The answer holds nothing that can be spoken."), at: now)
        }
        if configuration.speaksWholeAnswers {
            actions.append(.startTimer(id, .answer, configuration.answerTimeout))
        }
        return actions + finishIfHeard(now: now)
    }

    /// Has the tools run that the response calls; nothing if it calls none.
    private mutating func callTools(for id: Turn.ID, now: ContinuousClock.Instant) -> [Action] {
        guard var turn, turn.tools.hasCalls else { return [] }
        let (text, segments) = turn.finishResponse()
        let calls = turn.tools.finishResponse(text: text, naming: "call_\(id)")
        self.turn = turn
        return speakWhenDue(segments, now: now) + calls.map { .publish(.toolCalled(id, $0)) }
            + [.startTimer(id, .tools, configuration.toolTimeout), .runTools(id, calls)]
    }

    /// A tool has done what the responder asked for. When all have, the responder goes on.
    public mutating func toolReturned(
        _ id: Turn.ID,
        call: String,
        _ result: String,
        now: ContinuousClock.Instant
    ) -> [Action] {
        guard isAnswering(id), turn?.tools.take(result, of: call) == true else { return [] }
        let told: [Action] = [.publish(.toolReturned(id, call: call))]
        guard turn?.tools.finishRound() == true, let turn, var prompt = turn.prompt else { return told }
        prompt.toolMessages = turn.tools.messages
        prompt.options = turn.tools.options(prompt.options)
        return told + [.startTimer(id, .answer, configuration.answerTimeout), .respond(id, prompt)]
    }

    /// Sound of a segment was made here.
    public mutating func synthesized(
        _ id: Turn.ID,
        segment: Int,
        _ sound: PCM,
        now: ContinuousClock.Instant
    ) -> [Action] {
        guard isAnswering(id), !sound.isEmpty else { return [] }
        return made(sound.duration, of: segment, now: now) + [.play(id, segment: segment, sound)]
    }

    /// More of a segment is being spoken elsewhere: sound of that length was made and handed to the listener there.
    public mutating func spokenElsewhere(
        _ id: Turn.ID,
        segment: Int,
        _ duration: Duration,
        now: ContinuousClock.Instant
    ) -> [Action] {
        guard isAnswering(id), duration > .zero, turn?.hasSegment(segment) == true else { return [] }
        return made(duration, of: segment, now: now) + sent(id, duration, now: now)
    }

    private mutating func made(_ duration: Duration, of segment: Int, now: ContinuousClock.Instant) -> [Action] {
        turn?.stopwatch.audioMade(at: now)
        turn?.ledger.generate(duration, of: segment)
        guard turn?.phase == .thinking else { return [] }
        turn?.phase = .speaking
        return turn.map { [.startSpeaking($0.record(.unfinished, at: now))] } ?? []
    }

    /// All sound of a segment was made.
    public mutating func segmentEnded(_ id: Turn.ID, segment: Int, now: ContinuousClock.Instant) -> [Action] {
        guard isAnswering(id) else { return [] }
        turn?.ledger.finish(segment)
        return [.endSegment(id, segment: segment)] + finishIfHeard(now: now)
    }

    /// Work of the turn broke.
    public mutating func failed(
        _ id: Turn.ID,
        stage: Turn.Stage,
        reason: String,
        now: ContinuousClock.Instant
    ) -> [Action] {
        guard turn?.id == id else { return [] }
        return end(.failed(stage: stage, reason: reason), at: now)
    }

    // MARK: What the listener gets

    /// Sound of the turn was handed to the listener.
    public mutating func sent(_ id: Turn.ID, _ duration: Duration, now: ContinuousClock.Instant) -> [Action] {
        guard isAnswering(id) else { return [] }
        turn?.ledger.send(duration, at: now)
        return finishIfHeard(now: now)
    }

    /// The listener says that it has heard the answer up to `position`.
    public mutating func acknowledged(
        _ id: Turn.ID,
        upTo position: Duration,
        now: ContinuousClock.Instant
    ) -> [Action] {
        guard isAnswering(id) else { return [] }
        turn?.ledger.acknowledge(position)
        return finishIfHeard(now: now)
    }

    /// The listener says that it has heard a segment, which is spoken elsewhere, up to `position` of that.
    public mutating func acknowledged(
        _ id: Turn.ID,
        segment: Int,
        upTo position: Duration,
        now: ContinuousClock.Instant
    ) -> [Action] {
        guard isAnswering(id), let start = turn?.ledger.start(of: segment) else { return [] }
        return acknowledged(id, upTo: start + position, now: now)
    }

    /// The listener lost the answer's sound from `position` on and is going to be handed it again.
    public mutating func rewound(_ id: Turn.ID, to position: Duration, now: ContinuousClock.Instant) {
        guard isAnswering(id) else { return }
        turn?.ledger.rewind(to: position, at: now)
    }

    /// A timer asked for by `startTimer` has run out.
    public mutating func timerFired(_ id: Turn.ID, _ timer: Timer, now: ContinuousClock.Instant) -> [Action] {
        guard let turn, turn.id == id else { return [] }
        switch (timer, turn.phase) {
        case (.transcription, .transcribing):
            return end(.failed(stage: .recognition, reason: "The transcript did not come in time."), at: now)
        case (.tools, _) where turn.tools.isWaiting:
            return end(.failed(stage: .tools, reason: "The result of a tool did not come in time."), at: now)
        case (.answer, .thinking) where !turn.tools.isWaiting:
            let stage: Turn.Stage = turn.segmentCount == 0 ? .response : .synthesis
            return end(.failed(stage: stage, reason: "The answer did not come in time."), at: now)
        case (.hold, _):
            return carryOut(turn.ledger.isHeld ? overlap?.windowElapsed() : nil, now: now)
        case (.playback, .speaking) where turn.ledger.isHeld:
            // Asked for again when the answer goes on.
            return []
        case (.playback, .speaking):
            // A listener that acknowledges and has gone quiet has heard what it told, and no more.
            return turn.ledger.remaining(at: now) == .zero ? finishIfHeard(now: now) : end(.interrupted, at: now)
        default:
            return []
        }
    }

    // MARK: Turns

    private mutating func begin(
        utterance: Utterance.ID?,
        silence: Duration,
        now: ContinuousClock.Instant
    ) -> [Action] {
        guard !isClosed else { return [] }
        let interruption = end(.interrupted, at: now)
        lastTurn += 1
        turn = CurrentTurn(
            id: lastTurn,
            utterance: utterance,
            stopwatch: TurnStopwatch(endpoint: now, silence: silence),
            ledger: PlaybackLedger(clock: configuration.playbackClock)
        )
        return interruption + [.begin(lastTurn), .publish(.turnStarted(lastTurn))]
    }

    /// Speaks segments, or keeps them until the answer is whole.
    private mutating func speakWhenDue(_ segments: [String], now: ContinuousClock.Instant) -> [Action] {
        guard configuration.speaksWholeAnswers else { return speak(segments, now: now) }
        turn?.deferSegments(segments)
        return []
    }

    private mutating func speak(_ segments: [String], now: ContinuousClock.Instant) -> [Action] {
        guard let id = turn?.id else { return [] }
        return segments.flatMap { text -> [Action] in
            turn?.stopwatch.sentenceReady(at: now)
            let index = turn?.expect(text) ?? 0
            return [.publish(.segment(id, index: index, text)), .speak(id, index: index, text)]
        }
    }

    private mutating func finishIfHeard(now: ContinuousClock.Instant) -> [Action] {
        guard let turn, turn.isTextComplete, turn.segmentCount > 0, turn.ledger.isAllSent, !turn.ledger.isHeld else {
            return []
        }
        switch turn.ledger.remaining(at: now) {
        case .zero?:
            return end(.completed, at: now)
        case let remaining?:
            return [.startTimer(turn.id, .playback, remaining)]
        case nil:
            return [.startTimer(turn.id, .playback, configuration.acknowledgementTimeout)]
        }
    }

    private mutating func end(
        _ outcome: Turn.Outcome,
        at now: ContinuousClock.Instant,
        onset: ContinuousClock.Instant? = nil
    ) -> [Action] {
        guard var turn else { return [] }
        self.turn = nil
        if outcome == .completed { afterthought = overlap }
        overlap = nil
        turn.stopwatch.ended(at: now)
        let record = turn.record(outcome, at: now, onset: onset)
        if !record.heardAnswer.isEmpty {
            remember(Message(role: .assistant, text: record.heardAnswer))
        }
        return [.stop(turn.id), .finish(record)]
    }

    private mutating func remember(_ message: Message) {
        history.append(message)
        if history.count > configuration.historyLimit {
            history.removeFirst(history.count - configuration.historyLimit)
        }
    }

    private func isAnswering(_ id: Turn.ID) -> Bool {
        turn?.id == id && turn?.phase != .transcribing
    }
}

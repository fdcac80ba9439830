public import Audio
public import Dialogue
import Speech
public import Storage

/// One conversation with a user: hears sound or reads text, answers in speech, and can be interrupted at any time.
///
/// A thin shell around values that know no I/O (`ConversationMachine`, `UtteranceDetector`, `TranscriptAssembler`,
/// `EventLog`, `SoundOutbox`): it gives them the time, carries out their actions and feeds the results back. All of it
/// happens in order on this actor. One task gives it sound; any number may read what happens (`SessionReader`), and anyone
/// may cancel.
public actor Session {
    /// What tasks wait for in a session.
    enum Waiting: CaseIterable {
        /// Something new to be read.
        case readers
        /// Room for sound of answers.
        case soundMakers
        /// Fewer transcripts that are awaited.
        case recognition
        /// The end of a turn, stored and all.
        case turnEnds
    }

    /// The session's identifier.
    public nonisolated let id: String

    let parts: SessionParts
    let output: SessionOutput
    var log = EventLog()
    var outbox = SoundOutbox()
    private(set) var machine: ConversationMachine
    private var listening: Listening?
    private var assembler = TranscriptAssembler()
    private var endpoint: EndpointPolicy
    /// An answer that was begun before it is certain that the user has finished.
    private var ahead: AnswerAhead?
    /// Ends an utterance whose sound does not come any more.
    private var watch: Task<Void, Never>?
    /// Speaks to a user who is silent.
    private var idling: Task<Void, Never>?
    private var idlePrompts = 0
    /// Hands out sound that was not due yet.
    private var pacing: Task<Void, Never>?
    /// When the sample that `hear` is working on arrived.
    private var arrival = ContinuousClock.now
    private var waiting: [Waiting: [CheckedContinuation<Void, Never>]] = [:]
    /// The turns that go on and those whose end is not stored yet.
    var turns: [Turn.ID: TurnWork] = [:]
    /// Why the last turn that failed did.
    var lastFailure: (turn: Turn.ID, error: any Error)?
    private var recognitions: [TranscriptAssembler.RequestID: Task<Void, Never>] = [:]
    /// The most transcripts that are awaited while more sound is heard; each holds its sound.
    private static let recognitionLimit = 16
    /// The most turns whose ends may wait to be stored while another begins.
    private static let turnLimit = 16
    private(set) var isClosed = false
    let topics: ConversationTopics?
    /// How the session and its user take turns.
    private(set) var turnTaking: TurnTaking
    /// The longest time to the first sound of an answer.
    let answerTimeout: Duration
    private let answerLimit: Int

    /// A session in which nothing has been said.
    public init(id: String, parts: SessionParts, configuration: ConversationMachine.Configuration) {
        self.id = id
        self.parts = parts
        topics = parts.events.flatMap { try? ConversationTopics(session: id, hub: $0) }
        output = SessionOutput(sampleRate: parts.outputSampleRate)
        var configuration = configuration
        configuration.playbackClock = parts.output.playbackClock ?? configuration.playbackClock
        answerTimeout = configuration.answerTimeout
        answerLimit = configuration.answerLimit
        turnTaking = configuration.turnTaking
        endpoint = EndpointPolicy(configuration.turnTaking, language: parts.language ?? configuration.language)
        machine = ConversationMachine(configuration: configuration)
    }

    // MARK: What the user does

    /// Takes the next sound from the user; waits when the session has more to do than it can hold.
    ///
    /// `arrival` is when its last sample came in. Throws `SpeechError`, for instance when the voice activity engine is not
    /// available, and `AudioError` for sound of a rate that is not in `Resampler.supportedRates`, which is then left out.
    public func hear(_ sound: PCM, arrival: ContinuousClock.Instant = .now) async throws {
        await roomForTurns()
        await roomForRecognition()
        if listening == nil {
            let detector = try await parts.voiceActivity.makeDetector()
            listening = Listening(detector, parts: parts, longest: turnTaking.longestUtterance)
        }
        guard let input = listening?.input else { return }
        let samples = try input.resample(sound)
        parts.recorder?.heard(sound)
        let voiceActivity = input.detector
        let activities = try await whenAdmitted(orAtOnce: false) { try await voiceActivity.process(samples) }
        guard !isClosed else { return }
        self.arrival = arrival
        listening?.append(samples)
        for activity in activities {
            let window = Duration.samples(activity.count, at: voiceActivity.sampleRate)
            for event in listening?.advance(activity, silence: endpoint.silence) ?? [] { heard(event, window: window) }
        }
    }

    /// Ends the utterance that is going on, as when the user lets go of a button or the recording ends.
    public func endUtterance() {
        guard !isClosed else { return }
        arrival = .now
        for event in listening?.finish() ?? [] { heard(event, window: .zero) }
    }

    /// Forgets the conversation so far: the turn that goes on, the utterance, and what was said before.
    public func reset() {
        guard !isClosed else { return }
        perform(machine.forget(now: .now))
        _ = listening?.finish()
        dropAhead()
        endpoint.speaks()
        carryOut(assembler.abandonAll())
        wake(.recognition)
    }

    /// Takes a recording as one utterance, whatever pauses it has, and begins a turn with it. Returns when its transcript is
    /// known.
    ///
    /// Throws what `FileTranscription.transcribe` throws; the turn has failed then.
    public func hear(recording: PCM) async throws {
        await roomForTurns()
        perform(machine.recordingReceived(now: .now))
        guard let turn = machine.currentTurn?.id else { return }
        do {
            let transcript = try await Self.transcribe(recording, parts)
            advance { $0.transcribed(turn: turn, transcript.text, language: transcript.language, now: $1) }
        } catch {
            fail(turn, .recognition, error)
            throw error
        }
    }

    @concurrent private static func transcribe(_ recording: PCM, _ parts: SessionParts) async throws -> Transcript {
        try await FileTranscription(
            voiceActivity: parts.voiceActivity,
            recognizer: parts.recognizer,
            language: parts.language
        ).transcribe(recording)
    }

    /// Takes what the user wrote instead of saying it; waits when the session has more to do than it can hold.
    public func write(_ text: String) async {
        await roomForTurns()
        idlePrompts = 0
        perform(machine.userWrote(text, now: .now))
    }

    /// Calls the current turn off. When this returns nothing more of it will be read, but its end.
    public func cancel() {
        perform(machine.cancel(now: .now))
    }

    /// The listener has heard the answer of `turn` up to `position`.
    public func acknowledge(_ turn: Turn.ID, upTo position: Duration) {
        perform(machine.acknowledged(turn, upTo: position, now: .now))
        wake(.readers)
    }

    /// A tool that the responder called in `turn` has come to `result`. Ignored when that is not awaited.
    public func returnToolResult(_ result: String, of call: String, in turn: Turn.ID) {
        perform(machine.toolReturned(turn, call: call, result, now: .now))
    }

    /// From the next turn on answers should be so.
    public func use(_ prompting: PromptOptions) {
        machine.use(prompting)
    }

    /// From now on turns are taken so.
    public func use(_ turnTaking: TurnTaking) {
        self.turnTaking = turnTaking
        endpoint.manner = turnTaking
        listening?.limit(to: turnTaking.longestUtterance)
        machine.use(turnTaking)
        wake(.readers)
        waitForUser()
    }

    /// The assistant says this without being asked, unless a turn goes on.
    public func say(_ text: String) async {
        await roomForTurns()
        perform(machine.say(text, now: .now))
    }

    /// Ends the session. Its readers end after what happened before.
    public func close() {
        guard !isClosed else { return }
        perform(machine.close(now: .now))
        carryOut(assembler.abandonAll())
        isClosed = true
        ahead?.cancel()
        for task in [watch, idling, pacing] { task?.cancel() }
        Waiting.allCases.forEach(wake)
    }

    /// Waits until nothing is done for any turn any more: the end of each that ended is stored and can be read.
    public func finishTurns() async {
        while !turns.isEmpty, !Task.isCancelled { await wait(with: .turnEnds) }
    }

    // MARK: How it stands

    /// The turn that is going on.
    public var currentTurn: (id: Turn.ID, phase: Turn.Phase)? { machine.currentTurn }

    /// Whether an utterance is going on or its transcript is awaited, or a turn is going on.
    public var isBusy: Bool {
        listening?.detector.isInUtterance == true || !recognitions.isEmpty || machine.currentTurn != nil
    }

    /// Why a turn failed; nil if it did not, if another failed since, or if nothing more is known than its record says.
    public func failure(of turn: Turn.ID) -> (any Error)? {
        lastFailure.flatMap { $0.turn == turn ? $0.error : nil }
    }

    /// Waits until no transcript is awaited, the session is closed or the task is cancelled.
    public func settle() async {
        while !recognitions.isEmpty, !isClosed, !Task.isCancelled { await wait(with: .recognition) }
    }

    // MARK: Waiting

    /// Waits until something changes; a cancelled task goes on at once. Who waits looks again whether it may go on.
    func wait(with others: Waiting) async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { waiting[others, default: []].append($0) }
        } onCancel: {
            Task { await self.wake(others) }
        }
    }

    /// Has those who wait look again.
    func wake(_ waiters: Waiting) {
        for waiter in waiting.removeValue(forKey: waiters) ?? [] { waiter.resume() }
    }

    /// Waits until not too much sound waits for the recogniser.
    private func roomForRecognition() async {
        while recognitions.count >= Self.recognitionLimit, !isClosed, !Task.isCancelled {
            await wait(with: .recognition)
        }
    }

    /// Waits until not too many turns wait to be stored.
    private func roomForTurns() async {
        while turns.count >= Self.turnLimit, !isClosed, !Task.isCancelled { await wait(with: .turnEnds) }
    }

    /// Waits until there is room for more sound. The user goes on being heard meanwhile.
    func roomForSound() async {
        while !outbox.hasRoom, !isClosed, !Task.isCancelled { await wait(with: .soundMakers) }
    }

    // MARK: The machine

    /// Gives the machine an input and carries out what it says.
    func advance(_ input: (inout ConversationMachine, ContinuousClock.Instant) -> [ConversationMachine.Action]) {
        perform(input(&machine, .now))
    }

    private func perform(_ actions: [ConversationMachine.Action]) {
        defer { waitForUser() }
        for action in actions {
            switch action {
            case .publish(let kind): publish(kind)
            case .begin(let id): startWork(on: id)
            case .respond(let id, let prompt): startResponding(to: prompt, in: id)
            case .runTools(let id, let calls): runTools(calls, in: id)
            case .stopResponding(let id): turns[id]?.responding?.cancel()
            case .speak(let id, let index, let text): turns[id]?.segments.yield(AnswerSegment(index: index, text: text))
            case .startSpeaking(let record): startSpeaking(record)
            case .play(let id, let segment, let sound): play(sound, of: segment, in: id)
            case .endSegment(let id, let segment): endSegment(segment, in: id)
            case .hold: outbox.isHeld = true
            case .release:
                outbox.isHeld = false
                wake(.readers)
            case .startTimer(let id, let timer, let duration): start(timer, of: id, after: duration)
            case .stop(let id): stopWork(on: id)
            case .finish(let record): finishWork(with: record)
            }
        }
    }

    private func publish(_ kind: ConversationEvent.Kind) {
        guard !isClosed else { return }
        let number = log.append(kind)
        if log.lastReadable == number { tell(ConversationEvent(number: number, kind: kind)) }
        wake(.readers)
    }

    /// Lets those who follow have an event that can be read from now on.
    func tell(_ event: ConversationEvent) {
        topics?.publish(event.kind, number: event.number)
        parts.recorder?.happened(event)
    }

    /// Returns when all that was recorded is on the disk. To be called when the session is closed and its turns have ended.
    public func finishRecording() async { await parts.recorder?.finish() }

    // MARK: Listening

    private func heard(_ event: UtteranceDetector.Event, window: Duration) {
        switch event {
        case .started(let id, let sample):
            endpoint.speaks()
            idlePrompts = 0
            let delay = window + (.now - arrival)
            perform(machine.speechStarted(id, at: sample, delay: delay, now: .now))
            watchSound()
        case .ended(let utterance):
            // What lies between the arrival of the sound and now was spent on finding the end, and belongs to it.
            let silence = utterance.trailingSilence + (.now - arrival)
            let (id, end) = (utterance.id, utterance.endOfSpeech)
            advance { $0.utteranceEnded(id, at: end, speech: utterance.speech, silence: silence, now: $1) }
            endpoint.speaks()
            watch?.cancel()
        case .paused(let utterance):
            advance { $0.speechPaused(utterance.id, after: utterance.speech, now: $1) }
        case .resumed(let id):
            endpoint.speaks()
            dropAhead()
            machine.speechResumed(id)
        case .grown, .part:
            break
        }
        carryOut(assembler.handle(event))
    }

    private func carryOut(_ actions: [TranscriptAssembler.Action]) {
        for action in actions {
            switch action {
            case .transcribe(let request, let sound):
                recognitions[request] = Task { await recognize(sound, request) }
            case .abandon(let request):
                recognitions.removeValue(forKey: request)?.cancel()
                wake(.recognition)
            case .partial(let id, let text, let inPause):
                if inPause { endpoint.paused(after: text) }
                advance { $0.partialTranscript(id, text, inPause: inPause, now: $1) }
                if inPause { answerAhead() }
            case .finished(let id, let text):
                perform(machine.transcribed(id, text, now: .now))
                dropAhead()
            case .broken(let id, let reason):
                perform(machine.transcriptionFailed(id, reason: reason, now: .now))
                dropAhead()
            }
        }
    }

    // MARK: Answering ahead

    /// Begins the answer to what was said before the pause that goes on, if that may be all.
    private func answerAhead() {
        guard let text = endpoint.answerable, machine.currentTurn == nil, parts.output.speaksAhead, !isClosed else {
            return dropAhead()
        }
        let (turn, prompt) = machine.outlook(on: text)
        if let ahead, ahead.prompt == prompt, ahead.turn == turn, ahead.isUsable { return }
        dropAhead()
        ahead = AnswerAhead(
            to: prompt,
            in: turn,
            by: parts.responder,
            limit: answerLimit,
            speaker: parts.output.speaker(for: TurnContext(session: id, turn: turn))
        )
    }

    private func dropAhead() {
        ahead?.cancel()
        ahead = nil
    }

    /// The answer that was begun ahead, if it is one to this.
    func takeAhead(to prompt: Prompt, in turn: Turn.ID) -> AnswerAhead? {
        guard let ahead, ahead.prompt == prompt, ahead.turn == turn, ahead.isUsable else { return nil }
        self.ahead = nil
        return ahead
    }

    // MARK: Silence

    /// Ends the utterance when the client sends nothing any more, as when its microphone was switched off: no window of
    /// sound would ever tell of the silence.
    private func watchSound() {
        watch?.cancel()
        guard endpoint.silence != nil else { return }
        watch = Task { [weak self] in
            while let due = await self?.soundIsDue() {
                guard (try? await Task.sleep(until: due, clock: .continuous)) != nil else { return }
            }
        }
    }

    /// When the next sound must have come; nil when no utterance goes on, or it has just been ended for want of sound.
    private func soundIsDue() -> ContinuousClock.Instant? {
        guard listening?.detector.isInUtterance == true, !isClosed, !Task.isCancelled else { return nil }
        let due = arrival + turnTaking.longestGap
        guard due <= .now else { return due }
        endUtterance()
        return nil
    }

    /// Speaks to a user who is silent for long, when nothing else happens.
    func waitForUser() {
        guard let prompt = turnTaking.idlePrompt, !isClosed, !isBusy, idlePrompts < prompt.limit else {
            idling?.cancel()
            idling = nil
            return
        }
        guard idling == nil else { return }
        idling = Task { [weak self] in
            guard (try? await Task.sleep(for: prompt.delay)) != nil else { return }
            await self?.promptUser(prompt)
        }
    }

    private func promptUser(_ prompt: TurnTaking.IdlePrompt) {
        guard !isClosed, !isBusy, !Task.isCancelled else { return }
        idling = nil
        idlePrompts += 1
        perform(machine.say(prompt.text, now: .now))
    }

    // MARK: Pacing

    /// Whether sound of `segment` may be handed out now; if not, readers are woken when it may.
    func mayPlay(_ segment: Int, of turn: Turn.ID) -> Bool {
        let limit: Duration
        switch turnTaking.pacing {
        case .unpaced: return true
        case .pieces(let ahead): limit = ahead
        case .segments(let ahead):
            if outbox.lastTaken?.turn == turn, outbox.lastTaken?.segment == segment { return true }
            limit = ahead
        }
        guard let ahead = machine.soundAhead(now: .now), ahead > limit else { return true }
        pacing?.cancel()
        pacing = Task { [weak self] in
            guard (try? await Task.sleep(for: ahead - limit, tolerance: .milliseconds(1))) != nil else { return }
            await self?.wake(.readers)
        }
        return false
    }

    private func recognize(_ sound: PCM, _ request: TranscriptAssembler.RequestID) async {
        let actions: [TranscriptAssembler.Action]
        do {
            // A turn that has begun waits for a busy engine; one that is abandoned is cancelled.
            let transcript = try await whenAdmitted(orAtOnce: false) {
                try await parts.recognizer.transcribe(sound, language: parts.language)
            }
            guard recognitions.removeValue(forKey: request) != nil else { return }
            actions = assembler.completed(request, transcript.text)
        } catch {
            guard recognitions.removeValue(forKey: request) != nil else { return }
            actions = assembler.failed(request, Self.reason(of: error))
        }
        carryOut(actions)
        wake(.recognition)
    }
}

public import Audio
import DequeModule
import Dialogue
import Speech

/// One conversation with a user: hears sound or reads text, answers in speech, and can be interrupted at any time.
///
/// A thin shell around `ConversationMachine`, `UtteranceDetector` and `TranscriptAssembler`: it gives them the time,
/// carries out their actions and feeds the results back. All of it happens in order on this actor. One task gives it
/// sound, one task reads its events; anyone may cancel.
public actor Session {
    /// The session's identifier.
    public nonisolated let id: String

    let parts: SessionParts
    let output: SessionOutput
    private let input: SessionInput
    private(set) var machine: ConversationMachine
    private(set) var detector: UtteranceDetector
    var assembler = TranscriptAssembler()
    /// How many samples are still classified by speech before the end of an utterance that was ended by hand.
    private var echo = 0
    /// When the sample that `hear` is working on arrived.
    private var arrival = ContinuousClock.now
    private var outbox = EventOutbox()
    /// Those who wait for an event, the longest first.
    private var readers: Deque<CheckedContinuation<ConversationEvent?, Never>> = []
    private var waitingMakers: [CheckedContinuation<Void, Never>] = []
    private var waitingSoundMakers: [CheckedContinuation<Void, Never>] = []
    var turns: [Turn.ID: TurnWork] = [:]
    var timers: [Turn.ID: [ConversationMachine.Timer: Task<Void, Never>]] = [:]
    var recognitions: [TranscriptAssembler.RequestID: Task<Void, Never>] = [:]
    /// The most transcripts that are awaited while more sound is heard; each holds its sound.
    private static let recognitionLimit = 16
    private var waitingHearers: [CheckedContinuation<Void, Never>] = []
    private var settleWaiters: [CheckedContinuation<Void, Never>] = []
    private var isClosed = false
    private let topics: ConversationTopics?
    /// How much has happened in the session.
    private var happened = 0
    /// What the user seems to have said so far in the utterance that is going on.
    private var bestGuess: String?

    /// A session that listens. Throws `SpeechError` when the voice activity engine is not available.
    public init(id: String, parts: SessionParts, configuration: ConversationMachine.Configuration) async throws {
        self.id = id
        self.parts = parts
        topics = parts.events.flatMap { try? ConversationTopics(session: id, hub: $0) }
        let voiceActivity = try await parts.voiceActivity.makeDetector()
        input = SessionInput(voiceActivity)
        output = SessionOutput(sampleRate: parts.outputSampleRate)
        machine = ConversationMachine(configuration: configuration)
        var cutting = UtteranceDetector.Configuration()
        cutting.partialInterval = parts.recognizer.partialInterval
        cutting.longestPart = min(cutting.longestPart, parts.recognizer.longestUtterance)
        cutting.hangover = voiceActivity.hangover
        detector = UtteranceDetector(
            sampleRate: voiceActivity.sampleRate,
            silence: parts.turnDetector.silence(after: nil),
            configuration: cutting
        )
    }

    // MARK: What the user does

    /// Takes the next sound from the user; waits when the session has more to do than it can hold.
    ///
    /// `arrival` is when its last sample came in. Throws `SpeechError`, and `AudioError` for sound of a rate that is
    /// not in `Resampler.supportedRates`, which is then left out.
    public func hear(_ sound: PCM, arrival: ContinuousClock.Instant = .now) async throws {
        await room()
        await roomForRecognition()
        let samples = try input.resample(sound)
        let voiceActivity = input.detector
        let activities = try await whenAdmitted(orAtOnce: false) { try await voiceActivity.process(samples) }
        guard !isClosed else { return }
        self.arrival = arrival
        detector.append(samples)
        for activity in activities {
            detector.silence = parts.turnDetector.silence(after: bestGuess)
            var activity = activity
            if echo > 0 {
                echo -= activity.count
                activity.isSpeech = false
            }
            for event in detector.advance(activity) {
                heard(event)
            }
        }
    }

    /// Ends the utterance that is going on, as when the user lets go of a button or the recording ends.
    public func endUtterance() async throws {
        guard !isClosed else { return }
        let rest = input.finish()
        if !rest.isEmpty { detector.append(rest) }
        arrival = .now
        for event in detector.finish() {
            heard(event)
        }
        // And a window, which may begin in speech.
        let window: Duration = .milliseconds(50)
        echo = (input.detector.hangover + window).samples(at: input.detector.sampleRate)
    }

    /// Takes what the user wrote instead of saying it; waits when the session has more to do than it can hold.
    public func write(_ text: String) async {
        await room()
        perform(machine.userWrote(text, now: .now))
    }

    /// Calls the current turn off. When this returns nothing more of it will be read as an event, but its end.
    public func cancel() {
        perform(machine.cancel(now: .now))
    }

    /// The listener has heard the answer of `turn` up to `position`.
    public func acknowledge(_ turn: Turn.ID, upTo position: Duration) {
        perform(machine.acknowledged(turn, upTo: position, now: .now))
    }

    /// Ends the session. The events end after those that happened before.
    public func close() {
        guard !isClosed else { return }
        perform(machine.close(now: .now))
        carryOut(assembler.abandonAll())
        isClosed = true
        let readers = self.readers
        self.readers = []
        for reader in readers { reader.resume(returning: nil) }
        wakeMakers()
        wakeSettled()
    }

    /// The turn that is going on.
    public var currentTurn: (id: Turn.ID, phase: Turn.Phase)? { machine.currentTurn }

    /// Whether an utterance is going on or its transcript is awaited, or a turn is going on.
    public var isBusy: Bool { detector.isInUtterance || !recognitions.isEmpty || machine.currentTurn != nil }

    /// Waits until no transcript is awaited, the session is closed or the task is cancelled.
    public func settle() async {
        while !recognitions.isEmpty, !isClosed, !Task.isCancelled {
            await wait { settleWaiters.append($0) }
        }
    }

    /// Waits until whoever holds the continuation resumes it; a cancelled task goes on at once.
    private func wait(_ keep: (CheckedContinuation<Void, Never>) -> Void) async {
        await withTaskCancellationHandler {
            await withCheckedContinuation(keep)
        } onCancel: {
            Task { await self.wakeAll() }
        }
    }

    /// Has all who wait look again what they wait for.
    private func wakeAll() {
        let waiters = waitingHearers + settleWaiters + waitingMakers + waitingSoundMakers
        (waitingHearers, settleWaiters, waitingMakers, waitingSoundMakers) = ([], [], [], [])
        for waiter in waiters { waiter.resume() }
    }

    private func wakeSettled() {
        if recognitions.count < Self.recognitionLimit || isClosed {
            waitingHearers.forEach { $0.resume() }
            waitingHearers = []
        }
        guard recognitions.isEmpty || isClosed else { return }
        settleWaiters.forEach { $0.resume() }
        settleWaiters = []
    }

    // MARK: Events

    /// The next event; waits for it, and returns nil when the session is closed. Of several tasks that wait, each gets
    /// events that the others do not get.
    ///
    /// Reading a piece of sound means that it was sent to the listener. Cancelling a task that waits closes the session.
    public func nextEvent() async -> ConversationEvent? {
        if let event = takeEvent() { return event }
        guard !isClosed else { return nil }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { readers.append($0) }
        } onCancel: {
            Task { await self.close() }
        }
    }

    /// Waits until not too much sound waits for the recogniser.
    private func roomForRecognition() async {
        while recognitions.count >= Self.recognitionLimit, !isClosed, !Task.isCancelled {
            await wait { waitingHearers.append($0) }
        }
    }

    private func takeEvent() -> ConversationEvent? {
        guard let event = outbox.popFirst() else { return nil }
        wakeMakers()
        if case .audio(let turn, let sound) = event.kind {
            perform(machine.sent(turn, sound.duration, now: .now))
        }
        return event
    }

    private func publish(_ kind: ConversationEvent.Kind) {
        guard !isClosed else { return }
        outbox.append(kind)
        // Counted apart: events that wait to be read are numbered anew when sound is taken back.
        happened += 1
        topics?.publish(kind, number: happened)
        if let reader = readers.popFirst() { reader.resume(returning: takeEvent()) }
    }

    /// Waits until there is room for more events.
    func room() async {
        while !outbox.hasRoom, !isClosed, !Task.isCancelled {
            await wait { waitingMakers.append($0) }
        }
    }

    /// Waits until there is room for more sound. The user goes on being heard meanwhile.
    func roomForSound() async {
        while !outbox.hasRoomForSound, !isClosed, !Task.isCancelled {
            await wait { waitingSoundMakers.append($0) }
        }
    }

    private func wakeMakers() {
        if outbox.hasRoom || isClosed {
            waitingMakers.forEach { $0.resume() }
            waitingMakers = []
        }
        if outbox.hasRoomForSound || isClosed {
            waitingSoundMakers.forEach { $0.resume() }
            waitingSoundMakers = []
        }
    }

    // MARK: The machine

    /// Gives the machine an input and carries out what it says.
    func advance(_ input: (inout ConversationMachine, ContinuousClock.Instant) -> [ConversationMachine.Action]) {
        perform(input(&machine, .now))
    }

    private func perform(_ actions: [ConversationMachine.Action]) {
        for action in actions {
            switch action {
            case .publish(let kind):
                if case .turnStarted(let id) = kind { startWork(on: id) }
                publish(kind)
                if case .turnEnded(let record) = kind { finishWork(with: record) }
            case .respond(let id, let prompt):
                startResponding(to: prompt, in: id)
            case .speak(let id, let index, let text):
                turns[id]?.segments.yield((index, text))
            case .startTimer(let id, let timer, let duration):
                start(timer, of: id, after: duration)
            case .stop(let id):
                stopWork(on: id)
                outbox.discardSound(of: id)
                wakeMakers()
            }
        }
    }

    // MARK: Listening

    private func heard(_ event: UtteranceDetector.Event) {
        switch event {
        case .started(let id, let sample):
            bestGuess = nil
            perform(machine.speechStarted(id, at: sample, now: .now))
        case .ended(let utterance):
            // What lies between the arrival of the sound and now was spent on finding the end, and belongs to it.
            let silence = utterance.trailingSilence + (.now - arrival)
            perform(machine.utteranceEnded(utterance.id, silence: silence, now: .now))
        case .grown, .paused, .resumed, .part:
            break
        }
        carryOut(assembler.handle(event))
    }

    func carryOut(_ actions: [TranscriptAssembler.Action]) {
        for action in actions {
            switch action {
            case .transcribe(let request, let sound):
                recognitions[request] = Task { await recognize(sound, request) }
            case .abandon(let request):
                recognitions.removeValue(forKey: request)?.cancel()
                wakeSettled()
            case .partial(let id, let text):
                perform(machine.partialTranscript(id, text))
            case .reconsider(let text):
                bestGuess = text
            case .finished(let id, let text):
                perform(machine.transcribed(id, text, now: .now))
            case .broken(let id, let reason):
                perform(machine.transcriptionFailed(id, reason: reason, now: .now))
            }
        }
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
        wakeSettled()
    }
}

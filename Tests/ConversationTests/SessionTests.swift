import Audio
import Dialogue
import Resilience
import Speech
import Storage
import Synchronization
import TestRedis
import Testing

@testable import Conversation

@Suite(.timeLimit(.minutes(5))) struct SessionTests {
    @Test func `a written turn is answered with sound`() async throws {
        let session = try await makeSession()
        await session.write("Hello")
        let events = await read(session)
        #expect(events.map(\.number) == Array(1...events.count))
        #expect(events.first?.kind == .turnStarted(1))
        #expect(events.contains { $0.kind == .transcript(1, "Hello") })
        #expect(record(events)?.outcome == .completed)
        #expect(record(events)?.heardAnswer == "Hello")
    }

    @Test func `a spoken turn is heard, transcribed and answered`() async throws {
        let session = try await makeSession()
        try await speak(1.0, to: session)
        try await pause(1.0, in: session)
        let events = await read(session)
        #expect(events.first?.kind == .speechStarted(1, at: 0))
        #expect(events.contains { $0.kind == .transcript(1, "heard") })
        #expect(record(events)?.heardAnswer == "heard")
    }

    @Test func `who ends an utterance by hand is not heard to go on`() async throws {
        let session = try await makeSession()
        try await speak(1.0, to: session)
        await session.endUtterance()
        // The detector still reports speech for a while.
        try await pause(1.0, in: session)
        let events = await read(session)
        #expect(record(events)?.outcome == .completed)
        #expect(record(events)?.transcript == "heard")
        await session.close()
        var reader = await session.reader()
        #expect(await reader.next() == nil)
    }

    @Test func `a turn waits for a recogniser that has no room yet`() async throws {
        let session = try await makeSession(recognizer: CrowdedRecognizer())
        try await speak(1.0, to: session)
        try await pause(1.0, in: session)
        #expect(record(await read(session))?.transcript == "heard")
    }

    @Test func `who talks on while the recogniser hangs is held up at a limit, and let go at the end`() async throws {
        let recognizer = HangingRecognizer()
        let session = try await makeSession(recognizer: recognizer)
        let reader = Task {
            var reader = await session.reader()
            while await reader.next() != nil {}
        }
        let said = Mutex(0)
        let speaker = Task {
            for _ in 0..<40 {
                try await speak(0.5, to: session)
                try await pause(1.0, in: session)
                said.withLock { $0 += 1 }
            }
        }
        for await _ in recognizer.calls.prefix(16) {}
        #expect(said.withLock { $0 } <= 16)
        await session.close()
        try await speaker.value
        await reader.value
        #expect(recognizer.count.load(ordering: .relaxed) == 16)
    }

    @Test func `nothing of a cancelled turn follows its end`() async throws {
        let session = try await makeSession(segmentSeconds: 60, clock: .realtime)
        var listener = await session.listener()
        await session.write("Hello")
        var heard = 0
        while heard < 3, let reading = await listener.next() {
            if case .sound = reading { heard += 1 }
        }
        await session.cancel()
        let rest = await readings(&listener)
        #expect(rest.count == 1)
        #expect(record(rest)?.outcome == .cancelled)
    }

    @Test func `speaking over the answer stops it and starts a new turn`() async throws {
        let session = try await makeSession(segmentSeconds: 60, clock: .realtime)
        var listener = await session.listener()
        await session.write("Hello")
        while let reading = await listener.next() {
            if case .sound = reading { break }
        }
        try await speak(1.0, to: session)
        let interrupted = try #require(record(await readings(&listener)))
        #expect(interrupted.outcome == .interrupted)
        #expect(interrupted.playback.leaked > .zero)
        try await pause(1.0, in: session)
        while case .event(let event)? = await listener.next() {
            if event.kind == .transcript(2, "heard") { break }
        }
        await session.close()
    }

    @Test func `a reader that stops holds up the synthesiser and not the user`() async throws {
        let session = try await makeSession(segmentSeconds: 60, clock: .realtime)
        var listener = await session.listener()
        await session.write("Hello")
        while let reading = await listener.next() {
            if case .sound = reading { break }
        }
        // The outbox fills up; what the user says is heard all the same and interrupts.
        try await speak(1.0, to: session)
        let rest = await readings(&listener)
        #expect(!rest.contains { if case .sound = $0 { true } else { false } })
        #expect(record(rest)?.outcome == .interrupted)
    }

    @Test func `a responder that fails ends the turn with its reason`() async throws {
        let session = try await makeSession(responder: FailingResponder())
        await session.write("Hello")
        let failure = ResponderError(responder: "failing", code: .emptyAnswer)
        #expect(record(await read(session))?.outcome == .failed(stage: .response, reason: failure.description))
    }

    @Test func `what an unknown error says is not the reason of a failure`() async throws {
        let session = try await makeSession(responder: FailingResponder(error: FailingResponder.Failure()))
        await session.write("Hello")
        guard case .failed(stage: .response, let reason)? = record(await read(session))?.outcome else {
            Issue.record("the turn did not fail")
            return
        }
        #expect(!reason.contains("Hello"))
    }

    @Test func `middleware surrounds the turn in order`() async throws {
        let log = Recorder<String>()
        let session = try await makeSession(middleware: [Tracer(name: "a", log: log), Tracer(name: "b", log: log)])
        await session.write("Hello")
        _ = await read(session)
        await session.close()
        #expect(await log.wait(forCount: 4) == ["a in", "b in", "b out", "a out"])
    }

    @Test func `the record names who answered and who handed over`() async throws {
        let chain = ResponderChain([FailingResponder(), EchoResponder()])
        for responder in [chain, EchoResponder()] as [any Responder] {
            let session = try await makeSession(responder: responder)
            await session.write("Hello")
            let record = record(await read(session))
            #expect(record?.responder == "echo")
            let handovers = responder is EchoResponder ? [] : [Turn.Handover(from: "failing", reason: "empty_answer")]
            #expect(record?.handovers == handovers)
        }
        let session = try await makeSession(responder: FailingResponder())
        await session.write("Hello")
        #expect(record(await read(session))?.responder == nil)
    }

    @Test func `middleware may ask for the record as often as it likes, in cancelled tasks and afterwards`()
        async throws
    {
        let records = Recorder<Turn.Record>()
        let session = try await makeSession(middleware: [Greedy(records: records)])
        await session.write("Hello")
        let record = try #require(record(await read(session)))
        #expect(await records.wait(forCount: 3) == [record, record, record])
    }

    @Test func `any number of tasks may wait for the end of a turn, cancelled or late`() async throws {
        var machine = ConversationMachine()
        _ = machine.userWrote("x", now: .now)
        let ended = machine.cancel(now: .now).compactMap { action -> Turn.Record? in
            if case .finish(let record) = action { record } else { nil }
        }
        let record = try #require(ended.first)
        let ending = TurnEnding()
        let waiters = (1...3).map { _ in Task { await ending.record } }
        waiters[0].cancel()
        await Task.yield()
        ending.tell(record)
        for waiter in waiters { #expect(await waiter.value == record) }
        #expect(await ending.record == record)
    }

    @Test func `middleware that does not wait for the turn does not stop it`() async throws {
        let session = try await makeSession(middleware: [Hasty()])
        await session.write("Hello")
        #expect(record(await read(session))?.outcome == .completed)
    }

    @Test func `closing ends the events`() async throws {
        let session = try await makeSession()
        let waiting = Task {
            var reader = await session.reader()
            return await reader.next()
        }
        await session.close()
        #expect(await waiting.value == nil)
        var reader = await session.reader()
        #expect(await reader.next() == nil)
    }

    @Test func `a reader that is cancelled ends alone`() async throws {
        let session = try await makeSession()
        let waiting = Task {
            var reader = await session.reader()
            return await reader.next()
        }
        waiting.cancel()
        #expect(await waiting.value == nil)
        await session.write("Hello")
        #expect(record(await read(session))?.outcome == .completed)
    }

    @Test(arguments: [1, 999, 768_001])
    func `sound of a rate that cannot be converted is refused, and the session goes on`(rate: Int) async throws {
        let session = try await makeSession()
        await #expect(throws: AudioError.self) { try await session.hear(PCM([0.5, -0.5], sampleRate: rate)) }
        try await speak(1.0, to: session)
        try await pause(1.0, in: session)
        #expect(record(await read(session))?.transcript == "heard")
    }

    // MARK: Help

    private func makeSession(
        segmentSeconds: Int = 1,
        clock: PlaybackLedger.Clock = .immediate,
        responder: any Responder = EchoResponder(),
        recognizer: any SpeechRecognizer = FixedRecognizer(),
        middleware: [any TurnMiddleware] = []
    ) async throws -> Session {
        var configuration = ConversationMachine.Configuration()
        configuration.playbackClock = clock
        return Session(
            id: "test",
            parts: SessionParts(
                voiceActivity: EnergyEngine(),
                recognizer: recognizer,
                responder: responder,
                output: SynthesizedOutput(ToneSynthesizer(seconds: segmentSeconds)),
                middleware: middleware
            ),
            configuration: configuration
        )
    }

    private func speak(_ seconds: Double, to session: Session) async throws {
        let tone = (0..<Int(16000 * seconds)).map { Float($0 % 40 < 20 ? 0.3 : -0.3) }
        for piece in PCM(tone, sampleRate: 16000).pieces(of: .milliseconds(20)) { try await session.hear(piece) }
    }

    private func pause(_ seconds: Double, in session: Session) async throws {
        let quiet = PCM.silence(.milliseconds(Int(seconds * 1000)), sampleRate: 16000)
        for piece in quiet.pieces(of: .milliseconds(20)) { try await session.hear(piece) }
    }

    /// The events of the session up to and including the end of its first turn, whose sound is heard.
    private func read(_ session: Session) async -> [ConversationEvent] {
        var listener = await session.listener(from: 1)
        return await readings(&listener).compactMap { if case .event(let event) = $0 { event } else { nil } }
    }

    /// Reads up to and including the end of the turn.
    private func readings(_ reader: inout SessionReader) async -> [SessionReading] {
        var readings: [SessionReading] = []
        while let reading = await reader.next() {
            readings.append(reading)
            if case .event(let event) = reading, case .turnEnded = event.kind { break }
        }
        return readings
    }

    private func record(_ events: [ConversationEvent]) -> Turn.Record? {
        if case .turnEnded(let record)? = events.last?.kind { record } else { nil }
    }

    private func record(_ readings: [SessionReading]) -> Turn.Record? {
        if case .event(let event)? = readings.last { record([event]) } else { nil }
    }
}

private struct ToneSynthesizer: SpeechSynthesizer {
    let seconds: Int
    let name = "tone"
    func describe() async -> EngineDescription { .fake }
    func prepare() async throws {}
    func voices() async throws -> [Voice] { [] }
    func synthesize(_ segment: String, options: SynthesisOptions) -> SpeechAudio {
        SpeechAudio(whole: { PCM.silence(.seconds(seconds), sampleRate: 8000) })
    }
}

private struct FailingResponder: Responder {
    struct Failure: Error, CustomStringConvertible { let description = "You said Hello." }
    let name = "failing"
    var error: any Error = ResponderError(responder: "failing", code: .emptyAnswer)
    func respond(to prompt: Prompt) -> Response { Response { throw error } }
}

private struct Tracer: TurnMiddleware {
    let name: String
    let log: Recorder<String>

    func handle(_ turn: TurnContext, next: @Sendable (TurnContext) async -> Turn.Record) async -> Turn.Record {
        log.record("\(name) in")
        let record = await next(turn)
        log.record("\(name) out")
        return record
    }
}

/// Asks for the record three times: as it should, for another turn, and in a task that is cancelled.
private struct Greedy: TurnMiddleware {
    let records: Recorder<Turn.Record>

    func handle(_ turn: TurnContext, next: @Sendable (TurnContext) async -> Turn.Record) async -> Turn.Record {
        records.record(await next(TurnContext(session: "another", turn: 99)))
        let record = await next(turn)
        records.record(record)
        withUnsafeCurrentTask { $0?.cancel() }
        records.record(await next(turn))
        return record
    }
}

/// Returns at once what it makes up.
private struct Hasty: TurnMiddleware {
    func handle(_ turn: TurnContext, next: @Sendable (TurnContext) async -> Turn.Record) async -> Turn.Record {
        var machine = ConversationMachine()
        _ = machine.userWrote("x", now: .now)
        for case .finish(let record) in machine.cancel(now: .now) { return record }
        return await next(turn)
    }
}

/// Answers no call before it is cancelled.
private final class HangingRecognizer: SpeechRecognizer {
    let name = "hanging"
    let partialInterval: Duration? = nil
    let longestUtterance: Duration = .seconds(30)
    let calls: AsyncStream<Void>
    let count = Atomic(0)
    private let call: AsyncStream<Void>.Continuation

    init() {
        (calls, call) = AsyncStream.makeStream()
    }

    func describe() async -> EngineDescription { .fake }
    func prepare() async throws {}
    func transcribe(_ audio: PCM, language: String?) async throws -> Transcript {
        count.add(1, ordering: .relaxed)
        call.yield()
        try await Task.sleep(for: .seconds(3600))
        return Transcript(text: "")
    }
}

/// Has room only from the third call on.
private final class CrowdedRecognizer: SpeechRecognizer {
    let name = "crowded"
    let partialInterval: Duration? = nil
    let longestUtterance: Duration = .seconds(30)
    private let calls = Atomic(0)
    func describe() async -> EngineDescription { .fake }
    func prepare() async throws {}
    func transcribe(_ audio: PCM, language: String?) async throws -> Transcript {
        guard calls.add(1, ordering: .relaxed).newValue > 2 else {
            throw SpeechError.busy(engine: name, retryAfter: .milliseconds(1))
        }
        return Transcript(text: "heard")
    }
}

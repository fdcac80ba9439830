import Audio
import Dialogue
import Speech
import Storage
import Synchronization
import TestRedis
import Testing

@testable import Conversation

/// Many readers of one session, and its sound on its way from one to another.
@Suite(.timeLimit(.minutes(5))) struct SessionReadingTests {
    @Test func `two readers see the same events and a third joins in the middle`() async throws {
        let session = Session.ofFakes()
        var first = await session.listener()
        var second = await session.reader()
        await session.write("One")
        let events = await events(&first, turns: 1)
        var third = await session.reader()
        await session.write("Two")
        let more = await self.events(&first, turns: 1)
        #expect(await self.events(&second, turns: 2) == events + more)
        #expect(await self.events(&third, turns: 1) == more)
        var late = await session.reader(from: 2)
        #expect(await self.events(&late, turns: 2) == Array((events + more).dropFirst()))
        #expect((events + more).map(\.number) == Array(1...(events + more).count))
    }

    @Test func `a reader that does not read loses the oldest events, and is told how many`() async throws {
        let session = Session.ofFakes(responder: ManyWords(count: 1200), segmentSeconds: 0.001)
        var slow = await session.reader()
        var listener = await session.listener()
        await session.write("Hello")
        let events = await events(&listener, turns: 1)
        let last = try #require(events.last?.number)
        #expect(await slow.next() == .lost(last - EventLog.capacity))
        #expect(await self.events(&slow, turns: 1).count == EventLog.capacity)
    }

    @Test func `sound is handed over in mid-answer without a gap`() async throws {
        let session = Session.ofFakes(segmentSeconds: 8)
        var first = await session.listener()
        await session.write("Hello")
        var heard: [AnswerSound] = []
        while heard.count < 20, let reading = await first.next() {
            if case .sound(let piece) = reading { heard.append(piece) }
        }
        var second = await session.listener()
        while let reading = await second.next() {
            if case .sound(let piece) = reading { heard.append(piece) }
            if case .event(let event) = reading, case .turnEnded(let record) = event.kind {
                #expect(record.outcome == .completed)
                break
            }
        }
        #expect(heard.flatMap(\.sound.samples) == CountingSynthesizer.samples(8))
        await session.close()
        #expect(await handedOver(&first))
    }

    @Test func `who lost the connection gets the sound again from where it was lost`() async throws {
        let session = Session.ofFakes(segmentSeconds: 8, clock: .realtime)
        var first = await session.listener()
        await session.write("Hello")
        var count = 0
        while count < 30, let reading = await first.next() {
            if case .sound = reading { count += 1 }
        }
        var second = await session.listener(sound: .milliseconds(1234))
        var heard: [AnswerSound] = []
        while heard.count < 68, let reading = await second.next() {
            if case .sound(let piece) = reading { heard.append(piece) }
        }
        #expect(heard.first?.position == .milliseconds(1234))
        #expect(heard.flatMap(\.sound.samples) == Array(CountingSynthesizer.samples(8).dropFirst(1234)))
        await session.close()
        let end = await self.events(&second, turns: 1).last
        guard case .turnEnded(let record)? = end?.kind else { Issue.record("no end"); return }
        #expect(record.playback.sent == .seconds(8))
    }

    @Test func `the end of a turn is read when the middleware is done with it`() async throws {
        let gate = Gate()
        let session = Session.ofFakes(middleware: [gate])
        var reader = await session.reader()
        var listener = await session.listener()
        await session.write("Hello")
        // The next turn ends the first one and goes on meanwhile; its events wait behind the end of that.
        await session.write("Again")
        await gate.reached.wait(forCount: 1)
        let log = await session.log
        #expect(log.lastReadable < log.lastNumber)
        gate.open()
        let events = await events(&listener, turns: 2)
        #expect(await self.events(&reader, turns: 2) == events)
        let ends = events.compactMap { if case .turnEnded(let record) = $0.kind { record.id } else { nil } }
        #expect(ends == [1, 2])
    }

    @Test func `middleware that cannot keep the beginning of an answer ends the turn before any sound is read`()
        async throws
    {
        let session = Session.ofFakes(middleware: [Refusing()])
        var listener = await session.listener()
        await session.write("Hello")
        var sounds = 0
        var last: Turn.Record?
        while last == nil, let reading = await listener.next() {
            if case .sound = reading { sounds += 1 }
            if case .event(let event) = reading, case .turnEnded(let record) = event.kind { last = record }
        }
        #expect(sounds == 0)
        #expect(last?.outcome == .failed(stage: .storage, reason: "The turn could not be stored."))
        #expect(await session.failure(of: 1) as? StorageError == Refusing.error)
    }

    @Test func `what is spoken elsewhere is acknowledged there, and no sound is read here`() async throws {
        let avatar = Avatar()
        let session = Session.ofFakes(responder: Fixed("One two. Three four."), output: avatar)
        var listener = await session.listener()
        await session.write("Hello")
        let events = await events(&listener, turns: 1)
        guard case .turnEnded(let record)? = events.last?.kind else { Issue.record("no end"); return }
        #expect(record.outcome == .completed)
        #expect(record.heardAnswer == "One two. Three four.")
        #expect(record.playback.heard == .seconds(2))
        #expect(avatar.said.elements == ["One two.", "Three four."])
    }

    private func handedOver(_ reader: inout SessionReader) async -> Bool {
        while let reading = await reader.next() {
            if case .sound = reading { return false }
            if reading == .soundHandedOver { return true }
        }
        return false
    }

    /// The events up to the end of so many turns; sound is heard.
    private func events(_ reader: inout SessionReader, turns: Int) async -> [ConversationEvent] {
        var events: [ConversationEvent] = []
        var left = turns
        while left > 0, let reading = await reader.next() {
            guard case .event(let event) = reading else { continue }
            events.append(event)
            if case .turnEnded = event.kind { left -= 1 }
        }
        return events
    }
}

/// Holds the end of the first turn back until it is opened.
private final class Gate: TurnMiddleware {
    let reached = Recorder<Turn.ID>()
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() {
        (stream, continuation) = AsyncStream.makeStream()
    }

    func open() { continuation.finish() }

    func handle(_ turn: TurnContext, next: @Sendable (TurnContext) async -> Turn.Record) async -> Turn.Record {
        let record = await next(turn)
        reached.record(turn.turn)
        if turn.turn == 1 { for await _ in stream {} }
        return record
    }
}

/// Cannot keep anything.
private struct Refusing: TurnMiddleware {
    static let error = StorageError.unknown(what: "session", name: "x")

    func speakingStarts(_ record: Turn.Record, in turn: TurnContext) async throws { throw Self.error }

    func handle(_ turn: TurnContext, next: @Sendable (TurnContext) async -> Turn.Record) async -> Turn.Record {
        await next(turn)
    }
}

/// Speaks elsewhere: a second for each segment, all of which is heard.
private struct Avatar: SpeechOutput, AnswerSpeaker {
    let name = "avatar"
    let playbackClock: PlaybackLedger.Clock? = .acknowledged
    let speaker: Speaker? = nil
    let said = Recorder<String>()

    func speaker(for turn: TurnContext) -> any AnswerSpeaker { self }

    func speak(_ segment: AnswerSegment) -> SpeechSteps {
        said.record(segment.text)
        let steps = Mutex<[SpeechStep]>([
            .spoken(.seconds(1)), .heard(upTo: .milliseconds(500)), .heard(upTo: .seconds(1)),
        ])
        return SpeechSteps { steps.withLock { $0.isEmpty ? nil : $0.removeFirst() } }
    }
}

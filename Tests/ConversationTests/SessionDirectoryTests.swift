import Audio
import Dialogue
import Foundation
import Logging
import Speech
import Storage
import Testing

@testable import Conversation

@Suite(.timeLimit(.minutes(5))) struct SessionDirectoryTests {
    private let clock = ManualClock()
    private let limits = SessionTable.Limits(sessions: 2, idle: .seconds(100), detached: .seconds(30))

    private func directory(store: SessionStore? = nil) -> SessionDirectory {
        SessionDirectory(limits: { [limits] in limits }, store: store, clock: clock.sessionClock, logger: .silent)
    }

    private func make(
        _ directory: SessionDirectory,
        _ id: String,
        room: String? = nil,
        responder: any Responder = EchoResponder()
    ) async throws -> LiveSession {
        try await directory.make(
            NewSession(id: id, api: "test"),
            room: room,
            parts: .fakes(responder: responder),
            configuration: .of(.immediate)
        )
    }

    /// Reads until the session is over, and returns the turns that ended.
    private func turns(_ session: Session) async -> [Turn.Record] {
        var listener = await session.listener(from: 1)
        var records: [Turn.Record] = []
        while let reading = await listener.next() {
            if case .event(let event) = reading, case .turnEnded(let record) = event.kind { records.append(record) }
        }
        return records
    }

    @Test func `a session is found by identifier, room and resume token until it is closed`() async throws {
        let directory = directory()
        let live = try await make(directory, "a", room: "kitchen")
        #expect(await directory.session(id: "a")?.session === live.session)
        #expect(await directory.session(room: "kitchen")?.session === live.session)
        #expect(await directory.session(token: live.token)?.session === live.session)
        #expect(await directory.session(token: "guess") == nil)
        #expect(live.token.count == 43)
        try await directory.close("a")
        #expect(await directory.session(id: "a") == nil)
        #expect(await turns(live.session) == [])
        try await directory.close("a")
    }

    @Test func `past the limit there is no session until another one ends`() async throws {
        let directory = directory()
        _ = try await make(directory, "a")
        _ = try await make(directory, "b")
        await #expect(throws: SessionRefusal.full(limit: 2, retryAfter: .seconds(30))) {
            _ = try await make(directory, "c")
        }
        try await directory.close("b")
        _ = try await make(directory, "c")
    }

    @Test func `a session that nobody comes back to ends, and its readers with it`() async throws {
        let directory = directory()
        let live = try await make(directory, "a")
        await directory.attach("a")
        clock.advance(by: .seconds(50))
        await directory.detach("a")
        clock.advance(by: .seconds(29))
        await directory.attach("a")
        clock.advance(by: .seconds(1))
        #expect(await directory.session(id: "a") != nil)
        await directory.detach("a")
        clock.advance(by: .seconds(30))
        #expect(await turns(live.session) == [])
        await directory.drain()
        #expect(await directory.entries.isEmpty)
    }

    @Test func `who holds an attachment keeps the session, and who drops it lets it go`() async throws {
        let directory = directory()
        let live = try await make(directory, "a")
        var attachment = await directory.attachment(to: "a")
        #expect(attachment != nil)
        #expect(await directory.entries.map(\.attached) == [1])
        attachment = nil
        while await directory.entries.map(\.attached) != [0] { await Task.yield() }
        clock.advance(by: .seconds(30))
        #expect(await turns(live.session) == [])
        #expect(await directory.attachment(to: "b") == nil)
    }

    @Test func `an idle session ends though somebody is attached to it`() async throws {
        let directory = directory()
        let live = try await make(directory, "a")
        await directory.attach("a")
        clock.advance(by: .seconds(100))
        #expect(await turns(live.session) == [])
    }

    @Test func `draining lets the turn that goes on end, and takes no new one`() async throws {
        let directory = directory()
        let waiting = try await make(directory, "a")
        let speaking = try await make(directory, "b")
        await directory.attach("b")
        await speaking.session.write("Hello")
        while await directory.entries.contains(where: \.isBusy) == false { await Task.yield() }
        async let drained: Void = directory.drain()
        #expect(await turns(waiting.session) == [])
        await #expect(throws: SessionRefusal.draining) { _ = try await make(directory, "c") }
        #expect(await turns(speaking.session).map(\.outcome) == [.completed])
        await drained
        #expect(await directory.entries.isEmpty)
    }

    @Test func `draining that is cancelled waits for no turn`() async throws {
        let directory = directory()
        let live = try await make(directory, "a")
        await live.session.write("Hello")
        let draining = Task { await directory.drain() }
        draining.cancel()
        await draining.value
        // Nobody hears the sound, so the turn does not end by itself.
        #expect(await turns(live.session).map(\.outcome) == [.cancelled])
    }

    @Test func `a turn is stored when anybody sees its end, and its beginning when anybody hears it`() async throws {
        try await Store.withTemporary { store in
            let directory = directory(store: store.sessions)
            let chain = ResponderChain([Broken(), EchoResponder(prefix: "You said: ")])
            let live = try await make(directory, "a", responder: chain)
            var listener = await live.session.listener(from: 1)
            await live.session.write("Hello there")
            var hasSound = false
            var ended: Turn.Record?
            while ended == nil, let reading = await listener.next() {
                switch reading {
                case .sound where !hasSound:
                    hasSound = true
                    let turn = try #require(try await store.sessions.turns(of: "a").first)
                    #expect(turn.record.outcome == .unfinished)
                    #expect(turn.record.answer == "You said: Hello there")
                    #expect(turn.record.handovers == [Turn.Handover(from: "broken", reason: "empty_answer")])
                case .event(let event):
                    if case .turnEnded(let record) = event.kind { ended = record }
                default: break
                }
            }
            let turns = try await store.sessions.turns(of: "a")
            #expect(turns.count == 1)
            #expect(turns.first?.record.outcome == .completed)
            #expect(turns.first?.record.heardAnswer == ended?.heardAnswer)
            let messages = try await store.sessions.messages(of: "a")
            #expect(messages.map(\.text) == ["Hello there", "You said: Hello there"])
            #expect(messages.map(\.generatedText) == [nil, nil])
            try await directory.close("a", outcome: "hung_up")
            #expect(try await store.sessions.session("a")?.outcome == "hung_up")
        }
    }

    @Test func `an interruption is stored with what was heard and how much sound leaked`() async throws {
        try await Store.withTemporary { store in
            let directory = directory(store: store.sessions)
            let live = try await directory.make(
                NewSession(id: "a", api: "test"),
                parts: .fakes(responder: Fixed("One two three four five."), segmentSeconds: 5),
                configuration: .of(.acknowledged)
            )
            var listener = await live.session.listener(from: 1)
            await live.session.write("Hello")
            var sounds = 0
            while sounds < 50, let reading = await listener.next() {
                if case .sound = reading { sounds += 1 }
            }
            await live.session.acknowledge(1, upTo: .seconds(3))
            let tone = (0..<16000).map { Float($0 % 40 < 20 ? 0.3 : -0.3) }
            for piece in PCM(tone, sampleRate: 16000).pieces(of: .milliseconds(20)) {
                try await live.session.hear(piece)
            }
            var ended: Turn.Record?
            while ended == nil, let reading = await listener.next() {
                if case .event(let event) = reading, case .turnEnded(let record) = event.kind { ended = record }
            }
            let turn = try #require(try await store.sessions.turns(of: "a").first)
            #expect(turn.record.outcome == .interrupted)
            #expect(turn.record.playback.sent == .seconds(5))
            #expect(turn.record.playback.heard == .seconds(3))
            #expect(turn.record.playback.leaked == .seconds(2))
            #expect(turn.record.heardAnswer == "One two three")
            let messages = try await store.sessions.messages(of: "a")
            #expect(messages.map(\.text) == ["Hello", "One two three"])
            #expect(messages.last?.generatedText == "One two three four five.")
        }
    }

    @Test func `a turn that cannot be stored has failed for those who see its end`() async throws {
        try await Store.withTemporary { store in
            let directory = directory(store: store.sessions)
            // Somebody else's session has the identifier.
            try await store.sessions.createSession(NewSession(id: "a", api: "other"))
            let live = try await make(directory, "a")
            await live.session.write("Hello")
            async let records = turns(live.session)
            await live.session.finishTurns()
            try await directory.close("a")
            #expect(
                await records.map(\.outcome) == [
                    .failed(stage: .storage, reason: "The turn could not be stored.")
                ]
            )
        }
    }
}

private struct Broken: Responder {
    let name = "broken"
    func respond(to prompt: Prompt) -> Response {
        Response { throw ResponderError(responder: name, code: .emptyAnswer) }
    }
}

extension Logger {
    static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
}

extension Store {
    /// Runs `test` with a database of its own.
    fileprivate static func withTemporary(_ test: (Store) async throws -> Void) async throws {
        let folder = URL(filePath: NSTemporaryDirectory()).appending(path: "antiphon-sessions-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let store = try await Store.open(.init(path: folder.appending(path: "test.sqlite").path), logger: .silent)
        do {
            try await test(store)
        } catch {
            try? await store.close()
            throw error
        }
        try await store.close()
    }
}

import Foundation
import Testing

@testable import Storage

@Suite struct SessionStoreTests {
    private let start = Date(timeIntervalSince1970: 1_700_000_000.123)

    @Test func `a session is read as it was stored`() async throws {
        let folder = try TemporaryFolder()
        let store = try await folder.open()
        let new = NewSession(
            api: "gateway",
            userName: "Zoë 🦊",
            language: "de-CH",
            metadata: #"{"character": "Ada", "n": [1, null]}"#
        )
        let session = try await store.sessions.createSession(new, at: start)
        #expect(session.id.utf8.count == 26)
        #expect(session.createdAt == start.stored)
        #expect(try await store.sessions.session(session.id) == session)
        #expect(try await store.sessions.session("another") == nil)
        try await store.sessions.endSession(session.id, outcome: "hungUp", at: start + 60)
        let ended = try #require(try await store.sessions.session(session.id))
        #expect(ended.endedAt == (start + 60).stored)
        #expect(ended.outcome == "hungUp")
        #expect(ended.metadata == new.metadata)
        try await store.sessions.endSession(session.id, outcome: "again", at: start + 90)
        #expect(try await store.sessions.session(session.id) == ended)
    }

    @Test func `ids that the store chooses are all different`() {
        #expect(Set((0..<10_000).map { _ in RandomToken.identifier() }).count == 10_000)
    }

    @Test func `an id is taken once`() async throws {
        let folder = try TemporaryFolder()
        let store = try await folder.open()
        try await store.sessions.createSession(NewSession(id: "room:1", api: "a"))
        await #expect(throws: StorageError.alreadyExists(what: "session", name: "room:1")) {
            try await store.sessions.createSession(NewSession(id: "room:1", api: "a"))
        }
    }

    @Test(arguments: [
        NewSession(id: "", api: "a"), NewSession(id: "a b", api: "a"), NewSession(id: "ä", api: "a"),
        NewSession(id: String(repeating: "x", count: 129), api: "a"),
        NewSession(api: String(repeating: "x", count: 257)),
        NewSession(api: "a", userName: String(repeating: "é", count: 129)),
        NewSession(api: "a", language: String(repeating: "x", count: 257)),
        NewSession(api: "a", metadata: "[]"), NewSession(api: "a", metadata: "{"), NewSession(api: "a", metadata: ""),
        NewSession(api: "a", metadata: String(repeating: "[", count: 16_000)),
        NewSession(api: "a", metadata: #"{"a": ""# + String(repeating: "x", count: 16 << 10) + #""}"#),
    ])
    func `what does not fit is refused`(new: NewSession) async throws {
        let folder = try TemporaryFolder()
        let store = try await folder.open()
        await #expect(throws: StorageError.self) { try await store.sessions.createSession(new) }
        #expect(try await store.sessions.recentSessions() == [])
    }

    @Test func `messages are numbered from one, and read from any place`() async throws {
        let folder = try TemporaryFolder()
        let store = try await folder.open()
        let session = try await store.sessions.createSession(NewSession(api: "a")).id
        for number in 1...25 {
            let message = NewMessage(
                role: number % 2 == 0 ? .assistant : .user,
                text: "heard \(number)",
                generatedText: "all \(number)",
                turn: number
            )
            let stored = try await store.sessions.appendMessage(message, to: session, at: start)
            #expect(stored.sequence == number)
        }
        let some = try await store.sessions.messages(of: session, after: 20, limit: 3)
        #expect(some.map(\.sequence) == [21, 22, 23])
        #expect(some.first?.role == .user)
        #expect(some.first?.text == "heard 21")
        #expect(some.first?.generatedText == "all 21")
        #expect(some.first?.turn == 21)
        #expect(some.first?.createdAt == start.stored)
        #expect(try await store.sessions.messages(of: session, limit: -5).count == 1)
        #expect(try await store.sessions.messages(of: session, limit: .max).count == 25)
        #expect(try await store.sessions.messages(of: session, after: .max) == [])
        #expect(try await store.sessions.messages(of: "another") == [])
    }

    @Test func `many writers of one session leave no gap`() async throws {
        let folder = try TemporaryFolder()
        let store = try await folder.open()
        let session = try await store.sessions.createSession(NewSession(api: "a")).id
        let numbers = try await withThrowingTaskGroup { group in
            for number in 0..<200 {
                group.addTask {
                    try await store.sessions.appendMessage(NewMessage(role: .user, text: "\(number)"), to: session)
                        .sequence
                }
            }
            return try await group.reduce(into: Set<Int>()) { $0.insert($1) }
        }
        #expect(numbers == Set(1...200))
    }

    @Test func `what is said in no session is refused`() async throws {
        let folder = try TemporaryFolder()
        let store = try await folder.open()
        let unknown = StorageError.unknown(what: "session", name: "nobody")
        await #expect(throws: unknown) {
            try await store.sessions.appendMessage(NewMessage(role: .user, text: "hello"), to: "nobody")
        }
        await #expect(throws: unknown) { try await store.sessions.endSession("nobody", outcome: "x") }
        await #expect(throws: unknown) {
            try await store.sessions.recordTurn(
                StoredTurn(session: "nobody", record: Turn.Record(id: 1, outcome: .completed, transcript: ""))
            )
        }
        #expect(try await !store.sessions.deleteSession("nobody"))
    }

    @Test func `a turn is stored with its messages, and read as it was stored`() async throws {
        let folder = try TemporaryFolder()
        let store = try await folder.open()
        let session = try await store.sessions.createSession(NewSession(api: "a")).id
        var record = Turn.Record(
            id: 1,
            outcome: .interrupted,
            transcript: "Tell me more.",
            answer: "Well. It is long.",
            heardAnswer: "Well.",
            responder: "model"
        )
        record.language = "en"
        record.handovers = [Turn.Handover(from: "skill", reason: "had nothing to say")]
        record.timings.endpointing = .milliseconds(210)
        record.timings.firstAudio = .milliseconds(640)
        record.timings.total = .seconds(3)
        record.playback = Turn.Playback(
            generated: .milliseconds(2500),
            sent: .milliseconds(900),
            heard: .milliseconds(700),
            leaked: .milliseconds(200)
        )
        var turn = StoredTurn(session: session, record: record)
        let messages = try await store.sessions.recordTurn(
            turn,
            messages: [
                NewMessage(role: .user, text: "Tell me more.", turn: 1),
                NewMessage(role: .assistant, text: "Well.", generatedText: "Well. It is long.", turn: 1),
            ],
            at: start
        )
        #expect(messages.map(\.sequence) == [1, 2])
        #expect(try await store.sessions.messages(of: session) == messages)
        turn.createdAt = start.stored
        #expect(try await store.sessions.turns(of: session) == [turn])
        #expect(try await store.sessions.turns(of: session, after: 1) == [])
    }

    @Test func `a turn that is refused leaves no message behind`() async throws {
        let folder = try TemporaryFolder()
        let store = try await folder.open()
        let session = try await store.sessions.createSession(NewSession(api: "a")).id
        let turn = StoredTurn(
            session: session,
            record: Turn.Record(id: 1, outcome: .completed, transcript: "Hello.")
        )
        try await store.sessions.recordTurn(turn, messages: [NewMessage(role: .user, text: "Hello.")])
        await #expect(throws: StorageError.alreadyExists(what: "turn of session \(session)", name: "1")) {
            try await store.sessions.recordTurn(turn, messages: [NewMessage(role: .user, text: "Hello.")])
        }
        var tooBig = StoredTurn(session: session, record: Turn.Record(id: 2, outcome: .completed, transcript: ""))
        tooBig.record.answer = String(repeating: "x", count: (256 << 10) + 1)
        await #expect(
            throws: StorageError.tooLarge(what: "answer", size: (256 << 10) + 1, limit: 256 << 10, unit: "bytes")
        ) {
            try await store.sessions.recordTurn(tooBig, messages: [NewMessage(role: .user, text: "Hello.")])
        }
        var wrongNumber = turn
        wrongNumber.record.id = 0
        await #expect(throws: StorageError.self) { try await store.sessions.recordTurn(wrongNumber) }
        var manyHandovers = turn
        manyHandovers.record.id = 3
        manyHandovers.record.handovers = Array(repeating: Turn.Handover(from: "a", reason: "b"), count: 33)
        await #expect(throws: StorageError.self) { try await store.sessions.recordTurn(manyHandovers) }
        #expect(try await store.sessions.messages(of: session).count == 1)
        #expect(try await store.sessions.turns(of: session).count == 1)
    }

    @Test func `a turn without an end is replaced by its end, and its messages keep their places`() async throws {
        let folder = try TemporaryFolder()
        let store = try await folder.open()
        var begun = StoredTurn(session: "a", record: Turn.Record(id: 1, outcome: .unfinished, transcript: "Hello."))
        begun.record.answer = "Good day."
        func messages(_ heard: String, of turn: Int) -> [NewMessage] {
            [
                NewMessage(role: .user, text: "Hello.", turn: turn),
                NewMessage(role: .assistant, text: heard, generatedText: "Good day.", turn: turn),
            ]
        }
        try await store.sessions.createSession(
            NewSession(id: "a", api: "a"),
            turn: begun,
            messages: messages("", of: 1)
        )
        #expect(try await store.sessions.turns(of: "a").map(\.record) == [begun.record])
        let next = StoredTurn(session: "a", record: Turn.Record(id: 2, outcome: .nothingSaid, transcript: ""))
        try await store.sessions.recordTurn(next, messages: messages("Good", of: 2))
        var ended = begun
        ended.record.outcome = .failed(stage: .synthesis, reason: "It broke.")
        try await store.sessions.recordTurn(ended, messages: messages("Good day.", of: 1))
        #expect(try await store.sessions.turns(of: "a").map(\.record) == [ended.record, next.record])
        let stored = try await store.sessions.messages(of: "a")
        #expect(stored.map(\.turn) == [1, 1, 2, 2])
        #expect(stored.map(\.text) == ["Hello.", "Good day.", "Hello.", "Good"])
        await #expect(throws: StorageError.alreadyExists(what: "turn of session a", name: "1")) {
            try await store.sessions.recordTurn(begun)
        }
    }

    @Test func `durations and dates out of all bounds are stored at the nearest end`() async throws {
        let folder = try TemporaryFolder()
        let store = try await folder.open()
        let session = try await store.sessions.createSession(NewSession(api: "a"), at: .distantFuture).id
        var record = Turn.Record(id: 1, outcome: .completed, transcript: "")
        record.timings.total = .seconds(Int64.max)
        record.playback.heard = .seconds(Int64.min)
        let turn = StoredTurn(session: session, record: record)
        let absurd = Date(timeIntervalSince1970: .infinity)
        try await store.sessions.recordTurn(turn, at: absurd)
        let stored = try #require(try await store.sessions.turns(of: session).first)
        #expect(stored.record.timings.total == .milliseconds(Int64(1) << 53))
        #expect(stored.record.playback.heard == .milliseconds(-(Int64(1) << 53)))
        #expect(stored.createdAt == absurd.stored)
        #expect(Date(timeIntervalSince1970: .nan).milliseconds == 0)
    }

    @Test func `deleting a session deletes what was said in it, and nothing else`() async throws {
        let folder = try TemporaryFolder()
        let store = try await folder.open()
        for id in ["a", "b"] {
            try await store.sessions.createSession(NewSession(id: id, api: "a"))
            try await store.sessions.recordTurn(
                StoredTurn(session: id, record: Turn.Record(id: 1, outcome: .completed, transcript: "Hi.")),
                messages: [NewMessage(role: .user, text: "Hi.")]
            )
        }
        #expect(try await store.sessions.deleteSession("a"))
        #expect(try await store.sessions.session("a") == nil)
        #expect(try await store.sessions.messages(of: "a") == [])
        #expect(try await store.sessions.turns(of: "a") == [])
        #expect(try await store.sessions.messages(of: "b").count == 1)
        #expect(try await store.sessions.turns(of: "b").count == 1)
    }

    @Test func `the newest sessions come first`() async throws {
        let folder = try TemporaryFolder()
        let store = try await folder.open()
        for (id, offset) in [("a", 0.0), ("c", 2), ("b", 1), ("d", 2)] {
            try await store.sessions.createSession(NewSession(id: id, api: "a"), at: start + offset)
        }
        #expect(try await store.sessions.recentSessions(limit: 3).map(\.id) == ["d", "c", "b"])
    }
}

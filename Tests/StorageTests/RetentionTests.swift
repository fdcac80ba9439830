import Foundation
import GRDB
import Testing

@testable import Storage

@Suite struct RetentionTests {
    private let start = Date(timeIntervalSince1970: 1_700_000_000)

    /// Sessions `0` to `count - 1`, a minute apart, each ended a second after it began.
    private func fill(_ store: Store, count: Int) async throws {
        let sessions = store.sessions
        try await withThrowingTaskGroup { group in
            for number in 0..<count {
                let begin = start + Double(number) * 60
                group.addTask {
                    try await sessions.createSession(NewSession(id: "\(number)", api: "a"), at: begin)
                    try await sessions.appendMessage(NewMessage(role: .user, text: "hello"), to: "\(number)", at: begin)
                    try await sessions.endSession("\(number)", outcome: "done", at: begin + 1)
                }
            }
            try await group.waitForAll()
        }
    }

    private func remaining(_ store: Store) async throws -> Set<Int> {
        Set(try await store.sessions.recentSessions(limit: 1000).compactMap { Int($0.id) })
    }

    @Test func `old sessions go in several small writes`() async throws {
        let folder = try TemporaryFolder()
        let store = try await folder.open()
        try await fill(store, count: 350)
        let commits = Shared([Int]())
        try await store.countRows(in: "sessions") { count in commits.withLock { $0.append(count) } }
        #expect(try await store.sessions.prune(olderThan: start + 250 * 60) == 250)
        #expect(commits.withLock { $0 } == [100, 100, 50])
        #expect(try await remaining(store) == Set(250..<350))
        let messages = try await store.connection.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM messages") }
        #expect(messages == 100)
        #expect(try await store.sessions.prune(olderThan: start + 250 * 60) == 0)
    }

    @Test func `of the ended sessions the newest are kept`() async throws {
        let folder = try TemporaryFolder()
        let store = try await folder.open()
        try await fill(store, count: 250)
        try await store.sessions.createSession(NewSession(id: "1000", api: "a"), at: start)
        #expect(try await store.sessions.prune(olderThan: nil, keepSessions: 20) == 230)
        #expect(try await remaining(store) == Set(230..<250).union([1000]))
        #expect(try await store.sessions.prune(olderThan: nil, keepSessions: -1) == 20)
        #expect(try await remaining(store) == [1000])
    }

    @Test func `a session that never ended goes by its beginning, one that lasted long by its end`() async throws {
        let folder = try TemporaryFolder()
        let store = try await folder.open()
        try await store.sessions.createSession(NewSession(id: "1", api: "a"), at: start)
        try await store.sessions.createSession(NewSession(id: "2", api: "a"), at: start)
        try await store.sessions.endSession("2", outcome: "done", at: start + 7200)
        #expect(try await store.sessions.prune(olderThan: start + 3600) == 1)
        #expect(try await remaining(store) == [2])
    }

    @Test func `a long session is a write of its own`() async throws {
        let folder = try TemporaryFolder()
        let store = try await folder.open()
        try await fill(store, count: 3)
        try await store.connection.write { database in
            for session in 0..<3 {
                try database.execute(
                    sql: """
                        WITH RECURSIVE n (i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 4000)
                        INSERT INTO messages SELECT ?, i, 'user', 'x', NULL, NULL, 0 FROM n
                        """,
                    arguments: ["\(session)"]
                )
            }
        }
        let commits = Shared([Int]())
        try await store.countRows(in: "sessions") { count in commits.withLock { $0.append(count) } }
        #expect(try await store.sessions.prune(olderThan: start + 3600) == 3)
        #expect(commits.withLock { $0 } == [1, 1, 1])
        #expect(try await remaining(store) == [])
    }

    @Test func `pruning stops when it is cancelled`() async throws {
        let folder = try TemporaryFolder()
        let store = try await folder.open()
        try await fill(store, count: 10)
        let (sessions, cutoff) = (store.sessions, start + 3600)
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return try await sessions.prune(olderThan: cutoff)
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(try await remaining(store).count == 10)
    }
}

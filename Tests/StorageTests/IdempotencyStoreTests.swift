import Foundation
import GRDB
import Testing

@testable import Storage

@Suite struct IdempotencyStoreTests {
    private let start = Date(timeIntervalSince1970: 1_700_000_000)

    @Test func `an answer is kept until it expires`() async throws {
        let folder = try TemporaryFolder()
        let store = try await folder.open()
        let answer = Data("done".utf8)
        try await store.idempotency.remember(answer, for: "k", lifetime: .seconds(60), at: start)
        #expect(try await store.idempotency.response(for: "k", at: start + 59) == answer)
        #expect(try await store.idempotency.response(for: "k", at: start + 60) == nil)
        #expect(try await store.idempotency.response(for: "other", at: start) == nil)
    }

    @Test func `of many that compete for a key one wins, and all are told its answer`() async throws {
        let folder = try TemporaryFolder()
        let store = try await folder.open()
        let answers = try await withThrowingTaskGroup { group in
            for number in 0..<50 {
                group.addTask {
                    try await store.idempotency.remember(Data("\(number)".utf8), for: "k", lifetime: .seconds(60))
                }
            }
            return try await group.reduce(into: Set<Data>()) { $0.insert($1) }
        }
        #expect(answers.count == 1)
        #expect(try await store.idempotency.response(for: "k") == answers.first)
    }

    @Test func `a key can be used again after its answer expired`() async throws {
        let folder = try TemporaryFolder()
        let store = try await folder.open()
        try await store.idempotency.remember(Data("1".utf8), for: "k", lifetime: .seconds(1), at: start)
        let second = Data("2".utf8)
        #expect(
            try await store.idempotency.remember(second, for: "k", lifetime: .seconds(1), at: start + 1) == second
        )
        #expect(try await store.idempotency.response(for: "k", at: start + 1.5) == second)
    }

    @Test func `what has expired is deleted, in small writes`() async throws {
        let folder = try TemporaryFolder()
        let store = try await folder.open()
        try await store.connection.write { database in
            try database.execute(
                sql: """
                    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)
                    INSERT INTO idempotency (key, response, expires_at) SELECT 'k' || i, x'00', i FROM n
                    """
            )
        }
        #expect(try await store.idempotency.prune(at: Date(milliseconds: 2400)) == 2400)
        #expect(try await store.idempotency.response(for: "k2401", at: Date(milliseconds: 0)) == Data([0]))
    }

    @Test func `beyond the limit the oldest goes`() async throws {
        let folder = try TemporaryFolder()
        let store = try await folder.open()
        try await store.connection.write { database in
            try database.execute(
                sql: """
                    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(Limits.responses))
                    INSERT INTO idempotency (key, response, expires_at) SELECT 'k' || i, x'00', 9e15 FROM n
                    """
            )
        }
        try await store.idempotency.remember(Data([1]), for: "new", lifetime: .seconds(60))
        let count = try await store.connection.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM idempotency") }
        #expect(count == Limits.responses)
        #expect(try await store.idempotency.response(for: "k1") == nil)
        #expect(try await store.idempotency.response(for: "k2") != nil)
        #expect(try await store.idempotency.response(for: "new") == Data([1]))
    }

    @Test func `keys and answers have limits`() async throws {
        let folder = try TemporaryFolder()
        let store = try await folder.open()
        for key in ["", String(repeating: "x", count: 257)] {
            await #expect(throws: StorageError.self) {
                try await store.idempotency.remember(Data(), for: key, lifetime: .seconds(1))
            }
            await #expect(throws: StorageError.self) { try await store.idempotency.response(for: key) }
        }
        await #expect(throws: StorageError.self) {
            try await store.idempotency.remember(Data(count: (1 << 20) + 1), for: "k", lifetime: .seconds(1))
        }
    }
}

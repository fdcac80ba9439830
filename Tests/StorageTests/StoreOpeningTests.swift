import Foundation
import GRDB
import Testing

@testable import Storage

@Suite struct StoreOpeningTests {
    @Test func `the folder and the files are for this user alone`() async throws {
        let folder = try TemporaryFolder()
        let store = try await folder.open("a/b/test.sqlite")
        try await store.makeProbe()
        #expect(try mode(of: folder.file("a")) == 0o700)
        #expect(try mode(of: folder.file("a/b")) == 0o700)
        for suffix in ["", "-wal", "-shm", ".lock"] {
            #expect(try mode(of: folder.file("a/b/test.sqlite" + suffix)) == 0o600, "\(suffix)")
        }
    }

    @Test func `others who may read the database are warned of`() async throws {
        let folder = try TemporaryFolder()
        try await folder.open().close()
        chmod(folder.file("test.sqlite"), 0o644)
        let log = LogRecorder()
        try await folder.open(logger: log.logger).close()
        #expect(log.messages.contains { $0.contains("chmod it to 600") })
    }

    @Test(arguments: Store.Configuration.Synchronous.allCases)
    func `commits wait for what was chosen`(choice: Store.Configuration.Synchronous) async throws {
        let folder = try TemporaryFolder()
        let store = try await folder.open { $0.synchronous = choice }
        let found = try await store.connection.write { database in
            [
                try Int.fetchOne(database, sql: "PRAGMA synchronous"),
                try Int.fetchOne(database, sql: "PRAGMA foreign_keys"),
                try Int.fetchOne(database, sql: "PRAGMA busy_timeout"),
                try Int.fetchOne(database, sql: "PRAGMA journal_size_limit"),
            ]
        }
        #expect(found == [choice == .full ? 2 : 1, 1, 5000, 64 << 20])
        let journal = try await store.connection.read { try String.fetchOne($0, sql: "PRAGMA journal_mode") }
        #expect(journal == "wal")
    }

    @Test func `full synchronisation is what one gets without asking`() {
        #expect(Store.Configuration(path: "x").synchronous == .full)
    }

    @Test func `closing leaves one whole file`() async throws {
        let folder = try TemporaryFolder()
        let store = try await folder.open()
        try await store.makeProbe()
        try await store.close()
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        #expect(names == ["test.sqlite", "test.sqlite.lock"])
    }

    @Test func `a checkpoint moves the log into the file`() async throws {
        let folder = try TemporaryFolder()
        let store = try await folder.open()
        try await store.makeProbe()
        let before = try contents(of: store.path)
        try await store.checkpoint()
        #expect(try contents(of: store.path) != before)
    }

    @Test func `an open database is not opened twice`() async throws {
        let folder = try TemporaryFolder()
        let store = try await folder.open()
        await #expect(throws: StorageError.locked(path: store.path, pid: getpid())) { try await folder.open() }
        // By another name it is the same database.
        try FileManager.default.createSymbolicLink(
            atPath: folder.file("alias.sqlite"),
            withDestinationPath: store.path
        )
        await #expect(throws: StorageError.locked(path: store.path, pid: getpid())) {
            try await folder.open("alias.sqlite")
        }
        try await store.close()
        try await folder.open().close()
    }

    @Test func `a second process is refused and told which one has the database`() async throws {
        let folder = try TemporaryFolder()
        let store = try await folder.open()
        let (path, pid) = (store.path, getpid())
        await #expect(processExitsWith: .success) { [path = path as String, pid = pid as Int32] in
            await #expect(throws: StorageError.locked(path: path, pid: pid)) {
                try await Store.open(Store.Configuration(path: path), logger: .silent)
            }
        }
        try await store.makeProbe()
    }

    @Test func `a store that was dropped unlocks its database`() async throws {
        let folder = try TemporaryFolder()
        try await folder.open().makeProbe()
        let log = LogRecorder()
        let store = try await folder.open(logger: log.logger)
        #expect(try await store.probes() == [])
        #expect(log.messages == ["The database was not closed the last time; checking it"])
    }

    @Test func `a database that was closed is not checked`() async throws {
        let folder = try TemporaryFolder()
        try await folder.open().close()
        let log = LogRecorder()
        try await folder.open(logger: log.logger).close()
        #expect(log.messages == [])
    }

    // An interruption that comes before the statement has begun is without effect.
    @Test(arguments: [0, 20])
    func `a read that takes too long is broken off, and the database can be read again`(limit: Int) throws {
        let database = try DatabaseQueue()
        let endless = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
        let count = try StoreFile.fetch(from: database, within: .milliseconds(limit)) {
            try Int.fetchOne($0, sql: endless)
        }
        #expect(count == nil)
        let one = try StoreFile.fetch(from: database, within: .seconds(60)) { try Int.fetchOne($0, sql: "SELECT 1") }
        #expect(one == 1)
    }

    @Test func `the check can be left out`() async throws {
        let folder = try TemporaryFolder()
        try await folder.open().close()
        try FileManager.default.removeItem(atPath: folder.file("test.sqlite.lock"))
        let log = LogRecorder()
        try await folder.open(logger: log.logger) { $0.checkTimeLimit = .zero }.close()
        #expect(log.messages == [])
    }

    @Test func `a damaged database is refused and left as it is`() async throws {
        let folder = try TemporaryFolder()
        let store = try await folder.open()
        try await store.makeProbe()
        for id in 1...50 { try await store.insertProbe(id, text: String(repeating: "x", count: 2000)) }
        try await store.close()
        var bytes = try contents(of: store.path)
        bytes.replaceSubrange(bytes.count / 2..<bytes.count, with: Data(repeating: 0xA5, count: bytes.count / 2))
        try bytes.write(to: URL(fileURLWithPath: store.path))
        try FileManager.default.removeItem(atPath: store.path + ".lock")
        let error = await #expect(throws: StorageError.self) { try await folder.open() }
        guard case .damaged(let path, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(path == store.path)
        #expect(try contents(of: store.path) == bytes)
    }

    @Test(arguments: [
        "not a database, but a text that someone keeps in this place",
        "short",
        "SQLite format 3\u{0}" + String(repeating: "nonsense ", count: 1000),
    ])
    func `a file that is no database is refused and left as it is`(text: String) async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("test.sqlite")
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        let error = await #expect(throws: StorageError.self) { try await folder.open() }
        guard case .notADatabase = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(try contents(of: path) == Data(text.utf8))
    }

    @Test func `another program's database is refused and left as it is`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("test.sqlite")
        let other = try DatabaseQueue(path: path)
        try await other.write { try $0.execute(sql: "CREATE TABLE bookmarks (url TEXT)") }
        try other.close()
        let before = try contents(of: path)
        await #expect(throws: StorageError.notADatabase(path: path, reason: "another program made it")) {
            try await folder.open()
        }
        #expect(try contents(of: path) == before)
    }

    @Test func `a newer version's database is refused and left as it is`() async throws {
        let folder = try TemporaryFolder()
        let store = try await folder.open()
        try await store.connection.write {
            try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('99 telepathy')")
        }
        try await store.close()
        let before = try contents(of: store.path)
        await #expect(throws: StorageError.newerVersion(path: store.path, found: "99 telepathy")) {
            try await folder.open()
        }
        #expect(try contents(of: store.path) == before)
    }

    @Test(arguments: Schema.migrator.migrations)
    func `an older version's database is brought up to date`(version: String) async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("test.sqlite")
        let old = try DatabaseQueue(path: path)
        try Schema.migrator.migrate(old, upTo: version)
        try await old.write { database in
            try database.execute(
                sql: """
                    INSERT INTO sessions (id, created_at, api, language, metadata)
                    VALUES ('old', 1700000000000, 'gateway', 'de', '{}');
                    INSERT INTO messages (session_id, sequence, role, text, created_at)
                    VALUES ('old', 1, 'user', 'Guten Tag', 1700000000000);
                    """
            )
        }
        try old.close()
        let store = try await folder.open()
        #expect(try await store.sessions.session("old")?.language == "de")
        #expect(try await store.sessions.messages(of: "old").map(\.text) == ["Guten Tag"])
        #expect(try await store.apiKeys.list() == [])
        #expect(try await store.idempotency.response(for: "key") == nil)
        let isComplete = try await store.connection.read { try Schema.migrator.hasCompletedMigrations($0) }
        #expect(isComplete)
    }

    @Test func `a first start that was killed before the first migration is taken up again`() async throws {
        let folder = try TemporaryFolder()
        let half = try DatabaseQueue(path: folder.file("test.sqlite"))
        try await half.write {
            try $0.execute(sql: "CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY)")
        }
        try half.close()
        #expect(try await folder.open().sessions.recentSessions() == [])
    }

    @Test(arguments: ["", "a\u{0}b"]) func `a path that names no file is refused`(path: String) async {
        await #expect(throws: StorageError.self) {
            try await Store.open(Store.Configuration(path: path), logger: .silent)
        }
    }

    @Test func `what is in the way of the database is named`() async throws {
        let folder = try TemporaryFolder()
        try FileManager.default.createDirectory(atPath: folder.file("test.sqlite"), withIntermediateDirectories: false)
        let path = folder.file("test.sqlite")
        await #expect(throws: StorageError.cannotOpen(path: path, reason: "it is not a regular file")) {
            try await folder.open()
        }
        try Data("x".utf8).write(to: URL(fileURLWithPath: folder.file("file")))
        await #expect(throws: StorageError.cannotOpen(path: folder.file("file"), reason: "the folder cannot be made")) {
            try await folder.open("file/test.sqlite")
        }
    }

    @Test(.enabled(if: geteuid() != 0, "the superuser may write anywhere"))
    func `a folder that cannot be written is named`() async throws {
        let folder = try TemporaryFolder()
        chmod(folder.path, 0o500)
        defer { chmod(folder.path, 0o700) }
        let error = await #expect(throws: StorageError.self) { try await folder.open() }
        #expect(error?.description.contains(folder.path) == true)
    }

    @Test func `SQLite's complaints become errors with a remedy`() {
        func describe(_ code: ResultCode) -> StorageError {
            StorageError(DatabaseError(resultCode: code, message: "m"), path: "/d")
        }
        #expect(describe(.SQLITE_FULL) == .diskFull(path: "/d"))
        #expect(describe(.SQLITE_READONLY_DBMOVED) == .readOnly(path: "/d"))
        #expect(describe(.SQLITE_NOTADB) == .notADatabase(path: "/d", reason: "m"))
        #expect(describe(.SQLITE_CORRUPT) == .damaged(path: "/d", detail: "m"))
        #expect(describe(.SQLITE_BUSY) == .locked(path: "/d", pid: nil))
        #expect(describe(.SQLITE_CANTOPEN_ISDIR) == .cannotOpen(path: "/d", reason: "m"))
        #expect(describe(.SQLITE_IOERR) == .failed(path: "/d", reason: "m"))
        #expect(StorageError.system(ENOSPC, path: "/d") == .diskFull(path: "/d"))
        #expect(StorageError.system(EROFS, path: "/d") == .readOnly(path: "/d"))
        #expect(
            StorageError.locked(path: "/d", pid: 7).description
                == "The database /d is in use by process 7; stop that one or choose another path."
        )
    }
}

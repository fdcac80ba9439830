import Foundation
import GRDB
import Logging
import Synchronization

@testable import Storage

/// A folder that goes away with its owner.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "antiphon-storage-\(RandomToken.identifier())"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        // A store that goes away at the same time may still be removing its files, which makes the removal fail.
        for _ in 0..<100 where FileManager.default.fileExists(atPath: path) {
            try? FileManager.default.removeItem(atPath: path)
        }
    }

    func file(_ name: String) -> String { path + "/" + name }

    /// Opens the database `name` in the folder.
    func open(
        _ name: String = "test.sqlite",
        logger: Logger = .silent,
        _ configure: (inout Store.Configuration) -> Void = { _ in }
    ) async throws -> Store {
        var configuration = Store.Configuration(path: file(name))
        configure(&configuration)
        return try await Store.open(configuration, logger: logger)
    }
}

/// A latch that a write can be held at. It blocks only the database's writer queue.
final class Gate: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)

    func pass() { semaphore.wait() }
    func open() { semaphore.signal() }
}

/// A value that several tasks change.
final class Shared<Value: Sendable>: Sendable {
    private let value: Mutex<Value>

    init(_ value: Value) { self.value = Mutex(value) }

    func withLock<Result: Sendable>(_ body: (inout sending Value) -> sending Result) -> Result { value.withLock(body) }
}

/// Keeps the messages that are logged.
final class LogRecorder: LogHandler, Sendable {
    private let lines = Mutex<[String]>([])
    var messages: [String] { lines.withLock { $0 } }
    var logger: Logger { Logger(label: "test") { _ in self } }

    func log(event: LogEvent) { lines.withLock { $0.append("\(event.message)") } }

    subscript(metadataKey _: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }
    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    var logLevel: Logger.Level {
        get { .trace }
        set {}
    }
}

extension Logger {
    static var silent: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }
}

extension Store {
    /// A table for tests of writing as such.
    func makeProbe() async throws {
        try await connection.write { try $0.execute(sql: "CREATE TABLE probe (id INTEGER PRIMARY KEY, text TEXT)") }
    }

    func insertProbe(_ id: Int, text: String = "") async throws {
        try await connection.write {
            try $0.execute(sql: "INSERT INTO probe (id, text) VALUES (?, ?)", arguments: [id, text])
        }
    }

    func probes() async throws -> Set<Int> {
        try await connection.read { try Int.fetchSet($0, sql: "SELECT id FROM probe") }
    }

    /// Occupies the writer until the gate opens; returns when it is occupied.
    func occupyWriter(_ gate: Gate) async -> Task<Void, any Error> {
        let connection = connection
        let (entered, enter) = AsyncStream.makeStream(of: Void.self)
        let task = Task {
            try await connection.write { _ in
                enter.finish()
                gate.pass()
            }
        }
        for await _ in entered {}
        return task
    }
}

extension Store {
    /// Has `report` told, for each commit from now on, how many rows of a table it inserted or deleted, if any.
    func countRows(in table: String, report: @escaping @Sendable (Int) -> Void) async throws {
        try await connection.write { database in
            let observer = RowCounter(table: table, report: report)
            database.add(transactionObserver: observer, extent: .databaseLifetime)
        }
    }
}

private final class RowCounter: TransactionObserver {
    private let table: String
    private let report: @Sendable (Int) -> Void
    private var count = 0

    init(table: String, report: @escaping @Sendable (Int) -> Void) {
        self.table = table
        self.report = report
    }

    func observes(eventsOfKind kind: DatabaseEventKind) -> Bool {
        switch kind {
        case .insert(let table), .delete(let table): table == self.table
        case .update: false
        }
    }

    func databaseDidChange(with _: DatabaseEvent) { count += 1 }

    func databaseDidCommit(_: Database) {
        if count > 0 { report(count) }
        count = 0
    }

    func databaseDidRollback(_: Database) { count = 0 }
}

func mode(of path: String) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
}

func contents(of path: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: path))
}

import Foundation
import Logging
import Storage
import Synchronization

/// Runs `body` with a store of its own.
func withStore<Result>(_ body: (Store) async throws -> Result) async throws -> Result {
    let folder = NSTemporaryDirectory() + "antiphon-access-\(UUID().uuidString)"
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let store = try await Store.open(Store.Configuration(path: folder + "/test.sqlite"), logger: logger)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    do {
        let result = try await body(store)
        try await store.close()
        return result
    } catch {
        try? await store.close()
        throw error
    }
}

/// Keeps what is logged, with its metadata.
final class LogLines: LogHandler {
    private let lines = Mutex<[String]>([])
    var all: [String] { lines.withLock { $0 } }

    func log(event: LogEvent) { lines.withLock { $0.append("\(event.message) \(event.metadata ?? [:])") } }

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

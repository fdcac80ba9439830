import Foundation
import Synchronization

/// Remembers which files were found intact, for as long as they stay as they are, so that they are not read each time
/// somebody asks.
final class IntactFiles: Sendable {
    /// What changes when a file does.
    private struct Identity: Equatable {
        let number: UInt64
        let size: UInt64
        let modified: Date

        init?(path: String) {
            guard let attributes = try? FileManager.default.attributesOfItem(atPath: path),
                let number = attributes[.systemFileNumber] as? NSNumber, let size = attributes[.size] as? NSNumber,
                let modified = attributes[.modificationDate] as? Date
            else { return nil }
            self.number = number.uint64Value
            self.size = size.uint64Value
            self.modified = modified
        }
    }

    private let known = Mutex<[String: Identity]>([:])

    /// Does `verify` unless the file at `path` is known to be intact; when it does not throw, the file is.
    func check<Failure>(_ path: String, _ verify: () throws(Failure) -> Void) throws(Failure) {
        // Taken before the reading, so that a change during it shows the next time.
        let identity = Identity(path: path)
        guard identity == nil || known.withLock({ $0[path] }) != identity else { return }
        try verify()
        known.withLock { $0[path] = identity }
    }
}

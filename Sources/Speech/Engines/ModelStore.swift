import Crypto
import Foundation

/// The folder of models and run-time libraries, with the means to check that a file in it is the one expected.
public struct ModelStore: Sendable {
    /// A file the engines need: where it lies in the folder, its size in bytes and its SHA-256 in hexadecimal.
    struct File: Sendable {
        let path: String
        let size: Int
        let sha256: String
    }

    /// Why a file cannot be used.
    enum Problem: Error, CustomStringConvertible {
        case missing(String)
        case damaged(String, String)
        case unreadable(String, String)

        var description: String {
            switch self {
            case .missing(let path):
                "\(path) is missing; run scripts/setup, or name the folder of models with --models."
            case .damaged(let path, let how):
                "\(path) is damaged (\(how)); delete it and run scripts/setup."
            case .unreadable(let path, let reason):
                "\(path) cannot be read: \(reason)."
            }
        }
    }

    /// The folder.
    public let folder: String

    private let intact = IntactFiles()

    /// The store in `folder`.
    public init(folder: String) {
        self.folder = folder
    }

    /// The full path of `file`.
    func path(_ file: File) -> String {
        URL(fileURLWithPath: folder, isDirectory: true).appendingPathComponent(file.path).path
    }

    /// Checks that every one of `files` is there, whole and unchanged. Reads them all, so it takes a moment.
    func verify(_ files: [File]) throws {
        for file in files {
            try verify(file)
        }
    }

    private func verify(_ file: File) throws(Problem) {
        let path = path(file)
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw FileManager.default.fileExists(atPath: path)
                ? Problem.unreadable(path, "permission denied") : Problem.missing(path)
        }
        defer { try? handle.close() }
        do {
            let size = try handle.seekToEnd()
            guard size == file.size else { throw Problem.damaged(path, "\(size) bytes instead of \(file.size)") }
            try handle.seek(toOffset: 0)
            var hash = SHA256()
            while let chunk = try handle.read(upToCount: 1 << 20), !chunk.isEmpty {
                hash.update(data: chunk)
            }
            let digest = hash.finalize().map { String(format: "%02x", $0) }.joined()
            guard digest == file.sha256 else { throw Problem.damaged(path, "wrong SHA-256") }
        } catch {
            throw error as? Problem ?? .unreadable(path, error.localizedDescription)
        }
    }
}

extension ModelStore {
    /// Whether an engine that needs `files` can be used, as an engine's description says it. A file is read only if it
    /// has changed since the last time.
    func availability(of files: [File]) -> EngineDescription.Availability {
        do throws(Problem) {
            for file in files {
                try intact.check(path(file)) { () throws(Problem) in try verify(file) }
            }
            return .available
        } catch {
            return .unavailable(reason: error.description)
        }
    }
}

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
        case notCopied(String, String)

        var description: String {
            switch self {
            case .missing(let path):
                "\(path) is missing; run scripts/setup, or name the folder of models with --models."
            case .damaged(let path, let how):
                "\(path) is damaged (\(how)); delete it and run scripts/setup."
            case .unreadable(let path, let reason):
                "\(path) cannot be read: \(reason)."
            case .notCopied(let path, let reason):
                "\(path) cannot be copied into memory: \(reason)."
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

    /// A copy of `file` in memory whose bytes have the expected SHA-256. What is used of a file is its copy, since the
    /// file may change at any moment, and a library that has mapped it would end the process.
    ///
    /// Only the thread that makes the copy, and those that share its descriptors, can use its path.
    func copy(_ file: File) throws(Problem) -> SealedCopy {
        let path = path(file)
        func failure(_ failure: SealedCopy.Failure) -> Problem { .notCopied(path, failure.description) }
        var copy: SealedCopy
        do throws(SealedCopy.Failure) {
            copy = try SealedCopy(name: String(file.path.split(separator: "/").last ?? ""))
        } catch {
            throw failure(error)
        }
        try read(file) { bytes throws(Problem) in
            do throws(SealedCopy.Failure) { try copy.append(bytes) } catch { throw failure(error) }
        }
        do throws(SealedCopy.Failure) { try copy.seal() } catch { throw failure(error) }
        return copy
    }

    /// Reads `file` from its beginning to its end and hands on what it reads. When this does not throw, those bytes had
    /// the expected SHA-256.
    private func read(
        _ file: File,
        _ take: (UnsafeRawBufferPointer) throws(Problem) -> Void = { _ throws(Problem) in }
    ) throws(Problem) {
        let path = path(file)
        func reason() -> String { String(cString: strerror(errno)) }
        // Without waiting, since what lies there may be a pipe that nobody writes.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw errno == ENOENT || errno == ENOTDIR ? .missing(path) : .unreadable(path, reason())
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .unreadable(path, reason()) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .damaged(path, "not a file") }
        guard status.st_size == file.size else {
            throw .damaged(path, "\(status.st_size) bytes instead of \(file.size)")
        }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { buffer.deallocate() }
        var hash = SHA256()
        var left = file.size
        while true {
            let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .unreadable(path, reason()) }
            guard count > 0 else { break }
            left -= count
            guard left >= 0 else { throw .damaged(path, "it grows") }
            let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<count])
            hash.update(bufferPointer: bytes)
            try take(bytes)
        }
        let digest = hash.finalize().map { String(format: "%02x", $0) }.joined()
        guard digest == file.sha256 else { throw .damaged(path, "wrong SHA-256") }
    }
}

extension ModelStore {
    /// Whether an engine that needs `files` can be used, as an engine's description says it. A file is read only if it
    /// has changed since the last time.
    func availability(of files: [File]) -> EngineDescription.Availability {
        do throws(Problem) {
            for file in files {
                try intact.check(path(file)) { () throws(Problem) in try read(file) }
            }
            return .available
        } catch {
            return .unavailable(reason: error.description)
        }
    }
}

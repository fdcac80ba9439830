internal import Foundation
internal import Synchronization

/// Keeps a second process away from a database, through an advisory lock on a file beside it.
///
/// The kernel drops the lock with the process, however that ends. The file holds the owner's process id while the
/// store is open and a mark after it was closed, so what is left in it tells how the last owner ended.
final class StoreLock: Sendable {
    /// Whether the last owner closed the database in an orderly way.
    let wasLeftClean: Bool
    private let descriptor: Mutex<Int32?>

    /// Locks the database at `path`, or throws `StorageError.locked`.
    init(databasePath path: String) throws {
        let lockPath = path + ".lock"
        // Close-on-exec: a child process must not inherit the lock and outlive the server with it.
        let file = open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw StorageError.system(errno, path: lockPath) }
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            let owner = Self.owner(in: file)
            close(file)
            throw code == EWOULDBLOCK
                ? StorageError.locked(path: path, pid: owner) : StorageError.system(code, path: lockPath)
        }
        // A lock file that is new beside an old database says nothing about how that was left (a restored copy, say).
        wasLeftClean = access(path, F_OK) != 0 || Self.text(in: file) == Self.cleanMark
        descriptor = Mutex(file)
        guard Self.write("\(getpid())\n", to: file) else {
            let code = errno
            release(clean: wasLeftClean)
            throw StorageError.system(code, path: lockPath)
        }
    }

    deinit { release(clean: false) }

    /// Lets go of the lock; `clean` says that nothing was left half done. A second call does nothing.
    func release(clean: Bool) {
        descriptor.withLock { descriptor in
            guard let file = descriptor else { return }
            if clean { _ = Self.write(Self.cleanMark, to: file) }
            // Closing alone is not enough: a child that is being started has the file too until it runs its program.
            flock(file, LOCK_UN)
            close(file)
            descriptor = nil
        }
    }

    private static let cleanMark = "closed\n"

    private static func owner(in file: Int32) -> Int32? {
        Int32(text(in: file).trimmingCharacters(in: .whitespacesAndNewlines))
    }

    private static func text(in file: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 32)
        let count = pread(file, &bytes, bytes.count, 0)
        return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : ""
    }

    private static func write(_ text: String, to file: Int32) -> Bool {
        let bytes = Array(text.utf8)
        return ftruncate(file, 0) == 0 && pwrite(file, bytes, bytes.count, 0) == bytes.count
    }
}

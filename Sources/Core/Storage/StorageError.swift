internal import Foundation
internal import GRDB

/// Why something could not be stored or read.
public enum StorageError: Error, Sendable, Equatable {
    /// Another process has the database open; `pid` is that process, where it is known.
    case locked(path: String, pid: Int32?)
    /// The file is something else than a database of Antiphon.
    case notADatabase(path: String, reason: String)
    /// The database file is damaged; the detail is SQLite's.
    case damaged(path: String, detail: String)
    /// The database was written by a newer version, which made the migration named `found`.
    case newerVersion(path: String, found: String)
    /// The disk, or the room that SQLite was given on it, is full.
    case diskFull(path: String)
    /// The database may not be written.
    case readOnly(path: String)
    /// The database, its folder or its lock could not be opened or made.
    case cannotOpen(path: String, reason: String)
    /// As many writes are waiting as may wait.
    case busy(retryAfter: Duration)
    /// The store has been closed.
    case closed(path: String)
    /// SQLite refused or failed, for a reason that has no case of its own.
    case failed(path: String, reason: String)
    /// A value is larger than allowed; size and limit are counted in `unit`s.
    case tooLarge(what: String, size: Int, limit: Int, unit: String)
    /// A value is malformed.
    case invalid(what: String, reason: String)
    /// Nothing is stored under this name.
    case unknown(what: String, name: String)
    /// Something is already stored under this name.
    case alreadyExists(what: String, name: String)
}

extension StorageError: CustomStringConvertible {
    /// One sentence that names what is wrong and what to do about it.
    public var description: String {
        switch self {
        case .locked(let path, let pid):
            let owner = pid.map { "process \($0)" } ?? "another process"
            return "The database \(path) is in use by \(owner); stop that one or choose another path."
        case .notADatabase(let path, let reason):
            return "\(path) is not a database of Antiphon (\(reason)); choose another path or move the file away."
        case .damaged(let path, let detail):
            return "The database \(path) is damaged (\(detail)); restore a backup, or move the file away to start anew."
        case .newerVersion(let path, let found):
            return "The database \(path) was written by a newer version (it has “\(found.forMessage)”); "
                + "run that version or restore an older backup."
        case .diskFull(let path):
            return "There is no room left for the database \(path); free space on its disk."
        case .readOnly(let path):
            return "The database \(path) cannot be written; give this user write permission to it and to its folder."
        case .cannotOpen(let path, let reason):
            return "\(path) cannot be opened: \(reason); check the path and its permissions."
        case .busy(let retryAfter):
            let seconds = max(1, Int((retryAfter / .seconds(1)).rounded(.up)))
            return "Too many writes are waiting for the database; try again in \(seconds) s."
        case .closed(let path):
            return "The database \(path) has been closed; open it again to use it."
        case .failed(let path, let reason):
            return "The database \(path) refused: \(reason)."
        case .tooLarge(let what, let size, let limit, let unit):
            return "The \(what) has \(size) \(unit), more than the \(limit) allowed; make it smaller."
        case .invalid(let what, let reason):
            return "The \(what) cannot be stored: \(reason)."
        case .unknown(let what, let name):
            return "There is no \(what) “\(name.forMessage)”; check the name."
        case .alreadyExists(let what, let name):
            return "There is already a \(what) “\(name.forMessage)”; use another name."
        }
    }
}

extension StorageError {
    /// What `error` means for the database at `path`; errors that are not SQLite's stay as they are.
    static func describing(_ error: any Error, path: String) -> any Error {
        guard let error = error as? DatabaseError else { return error }
        return StorageError(error, path: path)
    }

    init(_ error: DatabaseError, path: String) {
        let reason = error.message ?? "SQLite reports \(error.extendedResultCode.rawValue)"
        switch error.resultCode {
        case .SQLITE_FULL: self = .diskFull(path: path)
        case .SQLITE_READONLY, .SQLITE_PERM: self = .readOnly(path: path)
        case .SQLITE_NOTADB: self = .notADatabase(path: path, reason: reason)
        case .SQLITE_CORRUPT: self = .damaged(path: path, detail: reason)
        case .SQLITE_CANTOPEN: self = .cannotOpen(path: path, reason: reason)
        case .SQLITE_MISUSE: self = .closed(path: path)
        case .SQLITE_BUSY, .SQLITE_LOCKED: self = .locked(path: path, pid: nil)
        default: self = .failed(path: path, reason: reason)
        }
    }

    /// The last system call's error on `path`.
    static func system(_ code: Int32, path: String) -> StorageError {
        switch code {
        case ENOSPC, EDQUOT: .diskFull(path: path)
        case EROFS: .readOnly(path: path)
        default: .cannotOpen(path: path, reason: String(cString: strerror(code)))
        }
    }
}

extension String {
    /// The text made fit for one line of a message: control characters removed, at most 80 characters.
    var forMessage: String {
        String(prefix(80).filter { !$0.unicodeScalars.contains { $0.properties.generalCategory == .control } })
    }
}

internal import Foundation
internal import GRDB
internal import Logging
internal import Synchronization

/// The database as a file: its folder, permissions and state before it is opened for writing.
enum StoreFile {
    /// Makes the folder (only this user may enter it) and returns the path, absolute and without symbolic links.
    static func prepare(_ path: String, logger: Logger) throws -> String {
        guard !path.isEmpty, !path.utf8.contains(0) else {
            throw StorageError.cannotOpen(path: path.forMessage, reason: "the path is empty or has a zero byte")
        }
        let url = URL(fileURLWithPath: path).standardizedFileURL
        let folder = url.deletingLastPathComponent()
        do {
            try FileManager.default.createDirectory(
                at: folder,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        } catch {
            throw StorageError.cannotOpen(path: folder.path, reason: "the folder cannot be made")
        }
        // Absolute, so that SQLite cannot take it for a URI; resolved, so that each database has one lock.
        let resolved = url.resolvingSymlinksInPath().path
        var status = stat()
        guard stat(resolved, &status) == 0 else { return resolved }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw StorageError.cannotOpen(path: resolved, reason: "it is not a regular file")
        }
        if status.st_mode & 0o077 != 0 {
            logger.warning(
                "Other users of this machine can read or write the database; chmod it to 600",
                metadata: [
                    "path": "\(resolved)"
                ]
            )
        }
        return resolved
    }

    /// Makes an empty file that only this user may read and write; SQLite gives its log the same permissions.
    static func create(_ path: String) throws {
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw StorageError.system(errno, path: path) }
        close(file)
    }

    /// Waits until a file or folder is on disk.
    static func synchronize(_ path: String) throws {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw StorageError.system(errno, path: path) }
        defer { close(file) }
        guard fsync(file) == 0 else { throw StorageError.system(errno, path: path) }
    }

    /// Looks at an existing database without writing to it, and throws if this version should not open it.
    ///
    /// `timeLimit` is how long the check for damage may take; nil leaves the check out.
    static func inspect(_ path: String, checkingFor timeLimit: Duration?, logger: Logger) throws {
        guard let size = try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int, size > 0 else {
            return
        }
        try requireHeader(path)
        var configuration = GRDB.Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        let database = try DatabaseQueue(path: path, configuration: configuration)
        defer { try? database.close() }
        try database.read { try Schema.requireKnown($0, path: path) }
        guard let timeLimit else { return }
        logger.notice("The database was not closed the last time; checking it", metadata: ["path": "\(path)"])
        try check(database, path: path, timeLimit: timeLimit, logger: logger)
    }

    /// Throws `StorageError.damaged` if SQLite finds the database at odds with itself.
    static func check(_ database: DatabaseQueue, path: String, timeLimit: Duration, logger: Logger) throws {
        let findings = try fetch(from: database, within: timeLimit) {
            try String.fetchAll($0, sql: "PRAGMA quick_check(3)")
        }
        guard let findings else {
            logger.warning("The check of the database was broken off, it takes too long", metadata: ["path": "\(path)"])
            return
        }
        guard findings == ["ok"] else {
            throw StorageError.damaged(path: path, detail: findings.map(\.forMessage).joined(separator: "; "))
        }
    }

    /// What `body` reads, or nil if that takes longer than `timeLimit` and was interrupted.
    static func fetch<T>(
        from database: DatabaseQueue,
        within timeLimit: Duration,
        _ body: (Database) throws -> T
    ) throws -> T? {
        // Emptied when the body is done, so that the alarm never meets a closed connection.
        let running = Mutex<DatabaseQueue?>(database)
        // Between two statements an interruption has no effect, so that one may not be enough.
        @Sendable func interrupt(after seconds: Double) {
            DispatchQueue.global().asyncAfter(deadline: .now() + seconds) {
                let isRunning = running.withLock { database in
                    database?.interrupt()
                    return database != nil
                }
                if isRunning { interrupt(after: 0.05) }
            }
        }
        interrupt(after: timeLimit / .seconds(1))
        defer { running.withLock { $0 = nil } }
        do {
            return try database.read(body)
        } catch let error as DatabaseError where error.resultCode == .SQLITE_INTERRUPT {
            return nil
        }
    }

    private static func requireHeader(_ path: String) throws {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw StorageError.system(errno, path: path) }
        defer { close(file) }
        let expected = Array("SQLite format 3\0".utf8)
        var header = [UInt8](repeating: 0, count: expected.count)
        guard read(file, &header, header.count) == header.count, header == expected else {
            throw StorageError.notADatabase(path: path, reason: "it does not begin like one of SQLite")
        }
    }
}

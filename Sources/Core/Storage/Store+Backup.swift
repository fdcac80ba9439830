internal import Foundation
internal import GRDB
internal import Logging

extension Store {
    /// Copies the database as the last commit left it to a new file, which only this user may read; writes go on.
    ///
    /// The file appears under its name only when it is whole, checked and on disk. Throws `StorageError`, for one
    /// `alreadyExists` if there is a file with this name.
    public func backup(to path: String) async throws {
        let connection = connection
        try connection.requireOpen()
        let target = try StoreFile.prepare(path, logger: connection.logger)
        guard access(target, F_OK) != 0 else { throw StorageError.alreadyExists(what: "file", name: target) }
        try await offCooperativePool {
            let partial = target + ".partial-\(RandomToken.identifier())"
            defer { unlink(partial) }
            do {
                try StoreFile.create(partial)
                try Self.copy(connection.pool, to: partial, logger: connection.logger)
                try StoreFile.synchronize(partial)
            } catch {
                throw StorageError.describing(error, path: target)
            }
            // Asked again: a file with this name may have come in the meantime.
            guard access(target, F_OK) != 0 else { throw StorageError.alreadyExists(what: "file", name: target) }
            guard rename(partial, target) == 0 else { throw StorageError.system(errno, path: target) }
            try StoreFile.synchronize((target as NSString).deletingLastPathComponent)
        }
    }

    private static func copy(_ pool: DatabasePool, to path: String, logger: Logger) throws {
        let copy = try DatabaseQueue(path: path)
        try pool.backup(to: copy)
        // One file, with no log beside it that would have to be moved along.
        try copy.inDatabase { try $0.execute(sql: "PRAGMA journal_mode = DELETE") }
        try StoreFile.check(copy, path: path, timeLimit: .seconds(600), logger: logger)
        try copy.close()
    }
}

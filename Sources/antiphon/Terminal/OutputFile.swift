import Foundation
import Glibc

/// Where a command writes what it makes.
///
/// A regular file gets its name only when it is whole, so that a failure or an interruption leaves what was there before.
/// A pipe or a device is written to as it is.
final class OutputFile {
    private let handle: FileHandle
    /// What messages call it.
    private let name: String

    private enum Target {
        /// A file without a name, which this one will be.
        case nameless(becomes: String)
        /// A file that is there under another name, on file systems without nameless ones.
        case named(String, becomes: String)
    }

    private var target: Target?

    /// Standard output.
    static var standardOutput: OutputFile { OutputFile(.standardOutput, name: "The output", nil) }

    private init(_ handle: FileHandle, name: String, _ target: Target?) {
        self.handle = handle
        self.name = name
        self.target = target
    }

    /// The file at `path`. Throws `Problem`.
    convenience init(path: String) throws {
        guard !path.hasSuffix("/") else {
            throw Problem("\(path) cannot be written: it is a folder; name a file in it.", status: Problem.usage)
        }
        var status = stat()
        let isThere = stat(path, &status) == 0
        guard !isThere || status.st_mode & S_IFMT == S_IFREG else {
            self.init(try Self.open(path, O_WRONLY, for: path), name: path, nil)
            return
        }
        // A link stays one: what it points to is replaced.
        let place = isThere ? URL(fileURLWithPath: path).resolvingSymlinksInPath().path : path
        let mode = isThere ? status.st_mode & 0o777 : 0o666
        let folder = URL(fileURLWithPath: place).deletingLastPathComponent().path
        // Linux's O_TMPFILE, which Swift does not import.
        let nameless = Glibc.open(folder, 0o20000000 | O_DIRECTORY | O_WRONLY | O_CLOEXEC, mode)
        guard nameless < 0 else {
            let handle = FileHandle(fileDescriptor: nameless, closeOnDealloc: true)
            self.init(handle, name: path, .nameless(becomes: place))
            return
        }
        let partial = Self.partial(place)
        // One that is there was left by a process of the same number that was killed.
        unlink(partial)
        let handle = try Self.open(partial, O_WRONLY | O_CREAT | O_EXCL, mode, for: path)
        self.init(handle, name: path, .named(partial, becomes: place))
    }

    /// The name beside `place` that a file has until it takes that place.
    private static func partial(_ place: String) -> String { place + ".part-\(getpid())" }

    private static func open(_ path: String, _ flags: Int32, _ mode: mode_t = 0, for shown: String) throws -> FileHandle
    {
        let descriptor = Glibc.open(path, flags | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw failure(shown) }
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    /// Adds bytes. Throws `Problem`.
    func write(_ bytes: [UInt8]) throws {
        do {
            try handle.write(contentsOf: bytes)
        } catch {
            throw Problem("\(name) cannot be written: \(error.localizedDescription)")
        }
    }

    /// Writes the beginning again, where that is possible. Throws `Problem`.
    func rewrite(beginning bytes: [UInt8]) throws {
        guard target != nil else { return }
        try handle.seek(toOffset: 0)
        try write(bytes)
    }

    /// Gives the file its name. Throws `Problem`.
    func finish() throws {
        switch target {
        case nil: break
        case .nameless(let place):
            // A link cannot take the place of a file, a renamed one can.
            let partial = Self.partial(place)
            unlink(partial)
            let own = "/proc/self/fd/\(handle.fileDescriptor)"
            guard linkat(AT_FDCWD, own, AT_FDCWD, partial, AT_SYMLINK_FOLLOW) == 0 else { throw Self.failure(name) }
            target = .named(partial, becomes: place)
            try finish()
        case .named(let partial, let place):
            guard rename(partial, place) == 0 else { throw Self.failure(name) }
            target = nil
            try handle.close()
        }
    }

    deinit {
        if case .named(let partial, _) = target { unlink(partial) }
    }

    private static func failure(_ path: String) -> Problem {
        Problem("\(path) cannot be written: \(String(cString: strerror(errno))).", status: Problem.usage)
    }
}

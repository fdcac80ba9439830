import CSpawn
import Glibc

/// Encoded audio at rest, read at any offset.
protocol ByteSource: AnyObject {
    /// What errors call the source.
    var name: String { get }
    /// The number of bytes.
    var count: Int { get }
    /// Fills `buffer` from `offset` on and returns how many bytes there were, 0 at the end.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) -> Int
    /// Calls `body` with the descriptor of a file that holds the bytes.
    func withDescriptor<R>(_ body: (Int32) throws -> R) throws -> R
}

extension ByteSource {
    /// Up to `count` bytes from `offset` on.
    func bytes(at offset: Int, count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = read(into: UnsafeMutableRawBufferPointer(buffer), at: offset)
        }
    }

    /// Calls `body` with the descriptor of a copy: a file that nobody else can open, since it is private and loses its
    /// name at once.
    func withTemporaryFile<R>(
        in directory: String = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp",
        _ body: (Int32) throws -> R
    ) throws -> R {
        var path = Array("\(directory)/audio-XXXXXX".utf8CString)
        let descriptor = mkostemp(&path, O_CLOEXEC)
        guard descriptor >= 0 else {
            throw AudioError.noTemporaryFile(reason: String(cString: strerror(errno)))
        }
        defer { close(descriptor) }
        unlink(path)
        var copied = 0
        while copied < count {
            let piece = bytes(at: copied, count: min(65_536, count - copied))
            guard !piece.isEmpty else { break }
            var written = 0
            while written < piece.count {
                let more = piece[written...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
                if more < 0, errno == EINTR { continue }
                guard more > 0 else {
                    throw AudioError.noTemporaryFile(reason: String(cString: strerror(errno)))
                }
                written += more
            }
            copied += piece.count
        }
        return try body(descriptor)
    }
}

/// Bytes in memory.
final class MemorySource: ByteSource {
    let name: String
    private let bytes: [UInt8]
    var count: Int { bytes.count }

    init(_ bytes: [UInt8], name: String) {
        self.bytes = bytes
        self.name = name
    }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) -> Int {
        guard offset >= 0, offset < bytes.count else { return 0 }
        let end = min(bytes.count, offset + buffer.count)
        bytes.withUnsafeBytes { buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[offset..<end])) }
        return end - offset
    }

    func withDescriptor<R>(_ body: (Int32) throws -> R) throws -> R { try withTemporaryFile(body) }
}

/// A regular file.
final class FileSource: ByteSource {
    let name: String
    let count: Int
    private let descriptor: Int32

    /// - Throws: ``AudioError`` when there is no such file or it cannot be read.
    init(path: String) throws {
        guard !path.utf8.contains(0) else { throw AudioError.fileNotFound(path: path) }
        // Without waiting, lest a named pipe hold the thread for ever.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            let code = errno
            if code == ENOENT || code == ENOTDIR { throw AudioError.fileNotFound(path: path) }
            throw AudioError.notReadable(path: path, reason: String(cString: strerror(code)))
        }
        var status = stat()
        let type = fstat(descriptor, &status) == 0 ? status.st_mode & S_IFMT : 0
        guard type == S_IFREG else {
            close(descriptor)
            if type == S_IFDIR { throw AudioError.isDirectory(path: path) }
            throw AudioError.notReadable(path: path, reason: "not a regular file")
        }
        self.descriptor = descriptor
        name = "\"\(path)\""
        count = Int(status.st_size)
    }

    deinit { close(descriptor) }

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) -> Int {
        guard offset >= 0, offset < count, let base = buffer.baseAddress else { return 0 }
        let wanted = min(buffer.count, count - offset)
        var done = 0
        while done < wanted {
            let got = pread(descriptor, base + done, wanted - done, off_t(offset + done))
            if got < 0, errno == EINTR { continue }
            guard got > 0 else { break }
            done += got
        }
        return done
    }

    func withDescriptor<R>(_ body: (Int32) throws -> R) throws -> R { try body(descriptor) }
}

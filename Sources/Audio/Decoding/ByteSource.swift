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

    /// The file is one that nobody else can open: it is private and loses its name at once.
    func withDescriptor<R>(_ body: (Int32) throws -> R) throws -> R {
        let directory = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var path = Array("\(directory)/audio-XXXXXX".utf8CString)
        let descriptor = mkostemp(&path, O_CLOEXEC)
        guard descriptor >= 0 else {
            throw AudioError.notReadable(
                path: directory,
                reason: "no temporary file: " + String(cString: strerror(errno))
            )
        }
        defer { close(descriptor) }
        unlink(path)
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                throw AudioError.notReadable(
                    path: directory,
                    reason: "the temporary file broke off: " + String(cString: strerror(errno))
                )
            }
            written += count
        }
        return try body(descriptor)
    }
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

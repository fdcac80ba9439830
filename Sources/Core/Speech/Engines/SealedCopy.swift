import CDescriptors
import Glibc

/// A copy of a file in memory which nobody can change any more, this process included. So what was checked is what is
/// loaded, whatever becomes of the file meanwhile and afterwards.
struct SealedCopy: ~Copyable {
    /// Why there is no copy, or no more of it.
    struct Failure: Error, CustomStringConvertible {
        let description: String

        /// The last call of the system has failed while `doing` something.
        init(_ doing: String) {
            description = "\(doing): \(String(cString: strerror(errno)))"
        }
    }

    private let descriptor: Int32
    private var size = 0

    /// An empty copy that may be written. `name` is what the process's maps show.
    init(name: String) throws(Failure) {
        descriptor = memfd_create(name, ANTIPHON_MFD_CLOEXEC | ANTIPHON_MFD_ALLOW_SEALING)
        guard descriptor >= 0 else { throw Failure("no memory file") }
    }

    // In the thread that made it: the descriptor may be known to that thread alone.
    deinit { close(descriptor) }

    /// Writes `bytes` at the end.
    mutating func append(_ bytes: UnsafeRawBufferPointer) throws(Failure) {
        var rest = bytes
        while !rest.isEmpty {
            let count = write(descriptor, rest.baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Failure("no room in memory") }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            size += count
        }
    }

    /// Ends the writing, for good.
    func seal() throws(Failure) {
        guard fcntl(descriptor, ANTIPHON_F_ADD_SEALS, ANTIPHON_ALL_SEALS) == 0 else { throw Failure("not sealed") }
    }

    /// A path by which the thread that made the copy can open it, and threads that share its descriptors, for as long as
    /// the copy is there.
    var path: String { Self.path(descriptor) }

    /// Calls `body` with a path as ``path``, but one in which the number at the end is `lowest` or more; changes `lowest`
    /// to the first number that was not used.
    func withPath<Result, Failed: Error>(
        from lowest: inout Int32,
        _ body: (String) throws(Failed) -> Result
    ) throws(Failed) -> Result? {
        let number = fcntl(descriptor, F_DUPFD_CLOEXEC, lowest)
        guard number >= 0 else { return nil }
        defer { close(number) }
        lowest = number + 1
        return try body(Self.path(number))
    }

    /// Calls `body` with the bytes, which are mapped into memory until it returns.
    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) throws -> Result {
        guard size > 0 else { return try body(UnsafeRawBufferPointer(start: nil, count: 0)) }
        guard let start = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), start != MAP_FAILED else {
            throw Failure("not mapped")
        }
        defer { munmap(start, size) }
        return try body(UnsafeRawBufferPointer(start: start, count: size))
    }

    private static func path(_ descriptor: Int32) -> String { "/proc/thread-self/fd/\(descriptor)" }
}

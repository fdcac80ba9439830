import CSpawn
import Glibc

/// A program that runs beside the server and whose output is read as it comes.
///
/// It inherits nothing but three descriptors and what its environment needs to find libraries and folders, leads a process group of its own and does not outlive this value.
final class ChildProcess {
    /// What the program wrote.
    enum Piece {
        /// Bytes of standard output.
        case output([UInt8])
        /// Bytes of standard error.
        case message([UInt8])
    }

    /// The program went on for too long.
    struct DeadlineExceeded: Error {}

    /// The number under which the program finds its input file.
    static let inputDescriptor: Int32 = 3

    /// What it gets of the environment. The rest may hold secrets, which a decoder of other people's files has no use for.
    static let inheritedVariables = ["PATH", "LD_LIBRARY_PATH", "TMPDIR", "LANG", "LC_ALL", "TZ"]

    private let process: pid_t
    private var output: Pipe
    private var messages: Pipe
    private var status: Int32?

    /// Starts the program at `path`; nil when that fails.
    init?(_ path: String, _ arguments: [String], input: Int32) {
        // Above the numbers the program will see, so that giving it one does not close another.
        let input = fcntl(input, F_DUPFD_CLOEXEC, 10)
        guard input >= 0 else { return nil }
        defer { close(input) }
        guard let output = Pipe(), let messages = Pipe() else { return nil }

        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output.writeEnd, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, messages.writeEnd, STDERR_FILENO)
        posix_spawn_file_actions_adddup2(&actions, input, Self.inputDescriptor)
        posix_spawn_file_actions_addclosefrom_np(&actions, Self.inputDescriptor + 1)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes,
            Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF)
        )

        var words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) }
        defer { words.forEach { free($0) } }
        words.append(nil)
        var environment: [UnsafeMutablePointer<CChar>?] = Self.inheritedVariables.compactMap { name in
            getenv(name).flatMap { strdup("\(name)=\(String(cString: $0))") }
        }
        defer { environment.forEach { free($0) } }
        environment.append(nil)
        var process: pid_t = 0
        guard posix_spawn(&process, path, &actions, &attributes, words, environment) == 0 else { return nil }
        output.closeWriteEnd()
        messages.closeWriteEnd()
        self.process = process
        self.output = output
        self.messages = messages
    }

    deinit { _ = end() }

    /// Waits for the program to write and returns what it wrote; nil once it has closed both of its outputs. While it
    /// waits, it calls `check` four times a second.
    ///
    /// - Throws: ``DeadlineExceeded`` when `deadline` passes first; what `check` throws.
    func read(until deadline: ContinuousClock.Instant, check: () throws -> Void) throws -> Piece? {
        while output.isOpen || messages.isOpen {
            let remaining = (deadline - .now).milliseconds
            guard remaining > 0 else { throw DeadlineExceeded() }
            var polled = [output, messages].map { pollfd(fd: $0.readEnd, events: Int16(POLLIN), revents: 0) }
            guard poll(&polled, 2, Int32(min(remaining.rounded(.up), 250))) > 0 else {
                try check()
                continue
            }
            if polled[0].revents != 0, let bytes = output.read() { return .output(bytes) }
            if polled[1].revents != 0, let bytes = messages.read() { return .message(bytes) }
        }
        return nil
    }

    /// Ends the program, unless it is ending by itself, and returns its exit status, or 128 plus the signal it died of.
    func end() -> Int32 {
        if let status { return status }
        // A process that closed its outputs by exiting has its status already; the signal no longer changes it.
        kill(-process, SIGKILL)
        var raw: Int32 = 0
        while waitpid(process, &raw, 0) < 0, errno == EINTR {}
        let signal = raw & 0x7F
        let status = signal == 0 ? raw >> 8 & 0xFF : 128 + signal
        self.status = status
        return status
    }
}

extension ChildProcess {
    /// A pipe from the program to the server.
    private final class Pipe {
        private static let chunk = 65_536

        /// Negative once the other side is closed, which makes `poll` leave it out.
        private(set) var readEnd: Int32
        private(set) var writeEnd: Int32
        var isOpen: Bool { readEnd >= 0 }

        init?() {
            var ends: [Int32] = [-1, -1]
            guard pipe2(&ends, O_CLOEXEC) == 0 else { return nil }
            readEnd = ends[0]
            writeEnd = fcntl(ends[1], F_DUPFD_CLOEXEC, 10)
            close(ends[1])
            guard writeEnd >= 0 else { return nil }
        }

        deinit {
            if readEnd >= 0 { close(readEnd) }
            closeWriteEnd()
        }

        func closeWriteEnd() {
            if writeEnd >= 0 { close(writeEnd) }
            writeEnd = -1
        }

        /// The bytes that are there; nil at the end.
        func read() -> [UInt8]? {
            let bytes = [UInt8](unsafeUninitializedCapacity: Self.chunk) { buffer, count in
                var got = -1
                repeat { got = Glibc.read(readEnd, buffer.baseAddress, buffer.count) } while got < 0 && errno == EINTR
                count = max(0, got)
            }
            guard bytes.isEmpty else { return bytes }
            close(readEnd)
            readEnd = -1
            return nil
        }
    }
}

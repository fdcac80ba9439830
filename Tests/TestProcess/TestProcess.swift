import CSpawn
public import Glibc

/// A program that a test runs.
///
/// Foundation's `Process` waits for a descriptor that its program inherits, and so does any other program that is
/// started at the same moment: then neither ends before the other, and with all threads of the pool waiting no test goes
/// on. This one gets no more than it is given.
public struct TestProcess: Sendable {
    private let id: pid_t

    /// The program could not be started.
    public struct StartFailure: Error {
        /// Its name.
        public let program: String
        /// The `errno` of the failure.
        public let code: Int32
    }

    /// Starts the program, which is looked for in `PATH` when it has no slash. Its standard descriptors are copies of those
    /// named; without one, the null device.
    public init(
        _ program: String,
        _ arguments: [String],
        input: Int32? = nil,
        output: Int32? = nil,
        errors: Int32? = STDERR_FILENO
    ) throws(StartFailure) {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (standard, given) in [(STDIN_FILENO, input), (STDOUT_FILENO, output), (STDERR_FILENO, errors)] {
            if let given {
                posix_spawn_file_actions_adddup2(&actions, given, standard)
            } else {
                posix_spawn_file_actions_addopen(&actions, standard, "/dev/null", O_RDWR, 0)
            }
        }
        posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1)
        var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
        defer { words.forEach { free($0) } }
        var id: pid_t = 0
        let code = posix_spawnp(&id, program, &actions, nil, &words, environ)
        guard code == 0 else { throw StartFailure(program: program, code: code) }
        self.id = id
    }

    /// Waits for its end, which is to be done once. Returns its exit status, or 128 plus the signal that ended it.
    @discardableResult
    public func wait() -> Int32 {
        var status: Int32 = 0
        while waitpid(id, &status, 0) < 0, errno == EINTR {}
        let signal = status & 0x7F
        return signal == 0 ? status >> 8 & 0xFF : 128 + signal
    }

    /// Runs a program to its end and returns its exit status.
    @discardableResult
    public static func run(
        _ program: String,
        _ arguments: [String],
        input: Int32? = nil,
        output: Int32? = nil,
        errors: Int32? = STDERR_FILENO
    ) throws(StartFailure) -> Int32 {
        try TestProcess(program, arguments, input: input, output: output, errors: errors).wait()
    }

    /// A pipe whose ends no program inherits unless it is given one. To be closed by the caller.
    public static func pipe() -> (readEnd: Int32, writeEnd: Int32) {
        var ends: [Int32] = [-1, -1]
        precondition(pipe2(&ends, O_CLOEXEC) == 0, "no pipe: \(String(cString: strerror(errno)))")
        return (ends[0], ends[1])
    }
}

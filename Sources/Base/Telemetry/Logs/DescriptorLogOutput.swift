import Synchronization

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Writes log lines to a file descriptor, one after the other, so that lines of several threads never mix.
public final class DescriptorLogOutput: LogOutput {
    /// Standard error of the process.
    public static let standardError = DescriptorLogOutput(descriptor: STDERR_FILENO)

    private struct State {
        /// Whether the last line lost its end, so that the next one has to begin with a line break.
        var isCut = false
        /// Whether nobody took the last line, so that the next one does not wait.
        var isStuck = false
    }

    private let descriptor: Int32
    /// A terminal is opened once more, not to wait for it: unlike a pipe with room it may block a small write.
    private let terminal: Int32?
    private let patience: Int32
    private let state = Mutex(State())

    /// An output to an open descriptor, which stays the caller's to close. A line that finds it full waits for its reader
    /// for `patience` milliseconds; until the reader goes on, those after it are lost.
    public init(descriptor: Int32, patience: Int = 100) {
        let terminal =
            isatty(descriptor) == 1 ? open("/dev/fd/\(descriptor)", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC) : -1
        self.terminal = terminal < 0 ? nil : terminal
        self.descriptor = descriptor
        self.patience = Int32(clamping: patience)
    }

    deinit { terminal.map { _ = close($0) } }

    /// Whether a person reads it: it is a terminal that shows colour and `NO_COLOR` is not set.
    public var showsColour: Bool {
        guard isatty(descriptor) == 1, getenv("NO_COLOR") == nil, let terminal = getenv("TERM") else { return false }
        return strcmp(terminal, "dumb") != 0
    }

    /// Writes one line. What a full or closed descriptor does not take is lost; the caller never fails for it, and waits
    /// for its reader only so long: a log that nobody reads must not stop the program.
    public func write(_ line: String) {
        state.withLock { state in
            var text = state.isCut ? "\n\(line)\n" : "\(line)\n"
            let written = text.withUTF8 {
                writeAll(UnsafeRawBufferPointer($0), to: terminal ?? descriptor, patience: state.isStuck ? 0 : patience)
            }
            if written > 0 { state.isCut = written < text.utf8.count }
            state.isStuck = written < text.utf8.count
        }
    }
}

/// Writes as much as the descriptor takes and returns the number of bytes. A full one gets `patience` milliseconds to
/// drain, each time that it is full.
private func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, patience: Int32) -> Int {
    var written = 0
    while written < bytes.count {
        // A write to a pipe blocks, unless it is this small and there was room before.
        var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        let ready = poll(&request, 1, patience)
        if ready < 0, errno == EINTR { continue }
        guard ready > 0 else { break }
        let piece = min(bytes.count - written, Int(PIPE_BUF))
        let count = write(descriptor, bytes.baseAddress?.advanced(by: written), piece)
        if count > 0 {
            written += count
        } else if count == 0 || errno != EINTR {
            break
        }
    }
    return written
}

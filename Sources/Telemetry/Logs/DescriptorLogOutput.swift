import Synchronization

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Writes log lines to a file descriptor, one `write` per line, so that lines of several threads never mix.
public final class DescriptorLogOutput: LogOutput {
    /// Standard error of the process.
    public static let standardError = DescriptorLogOutput(descriptor: STDERR_FILENO)

    private let descriptor: Int32
    /// Whether the last line lost its end, so that the next one has to begin with a line break.
    private let isCut = Mutex(false)

    /// An output to an open descriptor, which stays the caller's to close.
    public init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// Whether a person reads it: it is a terminal that shows colour and `NO_COLOR` is not set.
    public var showsColour: Bool {
        guard isatty(descriptor) == 1, getenv("NO_COLOR") == nil, let terminal = getenv("TERM") else { return false }
        return strcmp(terminal, "dumb") != 0
    }

    /// Writes one line. What a full or closed descriptor does not take is lost; the caller never fails for it.
    public func write(_ line: String) {
        isCut.withLock { isCut in
            var text = isCut ? "\n\(line)\n" : "\(line)\n"
            let written = text.withUTF8 { writeAll(UnsafeRawBufferPointer($0), to: descriptor) }
            if written > 0 { isCut = written < text.utf8.count }
        }
    }
}

/// Writes as much as the descriptor takes and returns the number of bytes. A non-blocking descriptor that is full gets
/// 100 ms to drain.
private func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Int {
    var written = 0
    while written < bytes.count {
        let count = write(descriptor, bytes.baseAddress?.advanced(by: written), bytes.count - written)
        if count > 0 {
            written += count
        } else if count < 0, errno == EAGAIN {
            var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            guard poll(&request, 1, 100) > 0 else { break }
        } else if count == 0 || errno != EINTR {
            break
        }
    }
    return written
}

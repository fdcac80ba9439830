import CSpeechEngines
import Glibc
import Logging
import Synchronization
import Telemetry

/// What the libraries of one engine write to standard error.
///
/// sherpa-onnx repeats there the words that it cannot pronounce, and no option of it or of the others silences them all. As
/// the engine's thread has descriptors of its own, its standard error can be a pipe, while that of the process, and with it
/// every message of the Swift runtime and of signal handlers elsewhere, stays what it is. The pipe is emptied after each
/// call and logged as a count, with the text hidden like any other text of users. At a crash on the engine's thread, what
/// the call has written until then goes to the real standard error (`engine_output.h`). A pipe that is full takes no more,
/// so a call that writes a lot loses the end of it, and never waits.
final class EngineOutput: Sendable {
    /// What is left of one call's output: as much as the pipe holds, and of its text a beginning.
    struct Written: Equatable {
        var lines = 0
        var bytes = 0
        /// The first 500 bytes, in one line.
        var beginning = ""
    }

    private static let logger = Logger(label: "antiphon.engines")
    private static let shownBytes = 500

    private let engine: String
    /// The descriptor that is read; nil once closed. It belongs to the table of the process.
    private let readEnd: Mutex<Int32?>
    private let ends: (read: Int32, write: Int32)

    /// A pipe for the engine called `engine`; nil when there are no descriptors for it.
    init?(of engine: String) {
        var ends: [Int32] = [-1, -1]
        guard antiphon_engine_output_open(&ends) else { return nil }
        self.engine = engine
        self.ends = (ends[0], ends[1])
        readEnd = Mutex(ends[0])
    }

    /// Makes the pipe the standard error of the calling thread, in a table of descriptors that is empty otherwise. Returns
    /// false when the kernel gives no such table.
    func begin() -> Bool {
        antiphon_engine_output_begin(ends.read, ends.write)
    }

    /// To be called once in the table of the process, after the thread has begun.
    func hasBegun() {
        Glibc.close(ends.write)
    }

    /// Logs what a call has written, if anything.
    func report() {
        let written = take()
        guard written.bytes > 0 else { return }
        Self.logger.debug(
            "an engine's library wrote to its standard error",
            metadata: [
                "engine": "\(engine)", "lines": "\(written.lines)", "bytes": "\(written.bytes)",
                "text": .sensitive(written.beginning),
            ]
        )
    }

    /// Empties the pipe.
    func take() -> Written {
        readEnd.withLock { descriptor in
            var written = Written()
            guard let descriptor else { return written }
            var beginning: [UInt8] = []
            withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { buffer in
                while true {
                    let count = read(descriptor, buffer.baseAddress, buffer.count)
                    if count < 0, errno == EINTR { continue }
                    guard count > 0 else { break }
                    written.bytes += count
                    written.lines += buffer[..<count].count { $0 == UInt8(ascii: "\n") }
                    beginning += buffer[..<count].prefix(Self.shownBytes - beginning.count)
                }
            }
            written.beginning = String(decoding: beginning, as: UTF8.self)
                .split(whereSeparator: \.isNewline).joined(separator: " ")
            return written
        }
    }

    /// Lets go of the pipe. To be called in the table of the process.
    func close() {
        readEnd.withLock { descriptor in
            if let descriptor { Glibc.close(descriptor) }
            descriptor = nil
        }
    }
}

import Audio
import Dispatch
import Foundation
import Synchronization
import TestProcess
import Testing

@testable import Speech

@Suite(.timeLimit(.minutes(1))) struct EngineOutputTests {
    /// Writes on standard error of the calling thread.
    private static func complain(_ text: String) {
        var text = text
        _ = text.withUTF8 { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }

    /// Runs `job` on a thread whose standard error is `output`, and waits for its end.
    private func on(_ output: EngineOutput, _ job: @escaping @Sendable () -> Void) {
        let done = DispatchSemaphore(value: 0)
        let hasTable = Mutex(false)
        Thread.detachNewThread {
            hasTable.withLock { $0 = output.begin() }
            job()
            done.signal()
        }
        done.wait()
        #expect(hasTable.withLock { $0 })
        output.hasBegun()
    }

    @Test func `what is written on the engine's thread is counted, and its beginning kept in one line`() throws {
        let output = try #require(EngineOutput(of: "test"))
        defer { output.close() }
        on(output) { Self.complain("one\ntwo\r\n") }
        #expect(output.take() == .init(lines: 2, bytes: 9, beginning: "one two"))
        #expect(output.take() == .init())
    }

    @Test func `a call that writes more than a pipe holds neither waits nor is shown whole`() throws {
        let output = try #require(EngineOutput(of: "test"))
        defer { output.close() }
        on(output) {
            for _ in 0..<3_000 { Self.complain(String(repeating: "x", count: 99) + "\n") }
        }
        let written = output.take()
        #expect(written.bytes > 10_000 && written.bytes < 300_000)
        #expect(written.beginning.utf8.count <= 500)
    }

    @Test func `a thread that a library starts writes there too, and the process does not`() throws {
        let output = try #require(EngineOutput(of: "test"))
        defer { output.close() }
        on(output) {
            let done = DispatchSemaphore(value: 0)
            // A thread shares the descriptors of the one that starts it.
            Thread.detachNewThread {
                Self.complain("from below\n")
                done.signal()
            }
            done.wait()
        }
        var ours = stat()
        fstat(STDERR_FILENO, &ours)
        let theirs = Mutex(ino_t(0))
        let second = try #require(EngineOutput(of: "test"))
        defer { second.close() }
        on(second) {
            var status = stat()
            fstat(STDERR_FILENO, &status)
            theirs.withLock { $0 = status.st_ino }
        }
        #expect(theirs.withLock { $0 } != ours.st_ino)
        #expect(output.take().beginning == "from below")
    }

    @Test func `after it is closed nothing is read`() throws {
        let output = try #require(EngineOutput(of: "test"))
        on(output) { Self.complain("late\n") }
        output.close()
        #expect(output.take() == .init())
        output.close()
    }
}

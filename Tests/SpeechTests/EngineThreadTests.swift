import Foundation
import Synchronization
import TestProcess
import Testing

@testable import Speech

@Suite(.timeLimit(.minutes(1))) struct EngineThreadTests {
    /// What `job` returns on `thread`.
    private func on<Result: Sendable>(_ thread: EngineThread, _ job: @escaping @Sendable () -> Result) -> Result? {
        let result = Box<Result>()
        thread.run {
            let value = job()
            result.value.withLock { $0 = value }
        }
        return result.value.withLock { $0 }
    }

    private final class Box<Value: Sendable>: Sendable {
        let value = Mutex<Value?>(nil)
    }

    @Test func `an engine's thread has none of the process's descriptors, and the process none of its`() throws {
        let thread = try EngineThread()
        defer { thread.end {} }
        let (readEnd, writeEnd) = TestProcess.pipe()
        defer { close(readEnd) }
        #expect(on(thread) { fcntl(readEnd, F_GETFD) } == -1)
        // Closing it there closes nothing here.
        #expect(on(thread) { close(writeEnd) } == -1)
        #expect(fcntl(writeEnd, F_GETFD) >= 0)
        close(writeEnd)
        // The first number that is free there, although many are in use here: 3 and 4 are those of the engine's output.
        let opened = on(thread) { open("/dev/null", O_RDONLY | O_CLOEXEC) }
        #expect(opened == 5)
        // The end of the pipe is seen here: no copy of the other end was left there.
        var byte: UInt8 = 0
        #expect(read(readEnd, &byte, 1) == 0)
    }

    @Test func `jobs run one after another on one thread`() throws {
        let thread = try EngineThread()
        defer { thread.end {} }
        let numbers = (0..<3).map { _ in on(thread) { UInt(pthread_self()) } }
        #expect(Set(numbers).count == 1)
        #expect(numbers[0] != UInt(pthread_self()))
    }

    @Test func `what a job holds is let go before its caller goes on`() throws {
        final class Held: Sendable {}
        let thread = try EngineThread()
        defer { thread.end {} }
        for _ in 0..<100 {
            weak var held: Held?
            do {
                let object = Held()
                held = object
                thread.run { [object] in _ = object }
            }
            #expect(held == nil)
        }
    }

    @Test func `an engine ends on its own thread`() async throws {
        final class Engine {
            let thread = UInt(pthread_self())
            let ended: @Sendable (Bool) -> Void
            init(_ ended: @escaping @Sendable (Bool) -> Void) { self.ended = ended }
            deinit { ended(thread == UInt(pthread_self())) }
        }
        let done = DispatchSemaphore(value: 0)
        let isSame = Mutex(false)
        var queue: EngineQueue? = EngineQueue(name: "test", capacity: 1) {
            Engine { same in
                isSame.withLock { $0 = same }
                done.signal()
            }
        }
        try await queue?.run { _, _ in }
        queue = nil
        await onThread { done.wait() }
        #expect(isSame.withLock { $0 })
    }
}

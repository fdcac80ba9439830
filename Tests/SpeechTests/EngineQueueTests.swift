import Dispatch
import Synchronization
import Testing

@testable import Speech

// A job signals semaphores only: an engine's thread resumes nobody (see `EngineThread`).
@Suite(.timeLimit(.minutes(5))) struct EngineQueueTests {
    @Test func `the engine is loaded once and calls run in order`() async throws {
        let loads = Atomic(0)
        let queue = EngineQueue(name: "test", capacity: 8) { loads.add(1, ordering: .relaxed).newValue }
        for _ in 0..<3 {
            #expect(try await queue.run { engine, _ in engine } == 1)
        }
    }

    @Test func `an engine that fails to load is tried again by the next call`() async throws {
        struct Failure: Error {}
        let loads = Atomic(0)
        let queue = EngineQueue(name: "test", capacity: 8) {
            guard loads.add(1, ordering: .relaxed).newValue > 1 else { throw Failure() }
            return "engine"
        }
        await #expect(throws: Failure.self) { try await queue.run { engine, _ in engine } }
        #expect(try await queue.run { engine, _ in engine } == "engine")
    }

    @Test func `a call may ask for less room than the queue has`() {
        var admission = EngineAdmission(capacity: 3)
        #expect(admission.admit(upTo: 1) == .admit)
        #expect(admission.admit(upTo: 1) == .refuse(retryAfter: .milliseconds(100)))
        #expect(admission.admit(upTo: 100) == .admit)
        #expect(admission.admit() == .admit)
        #expect(admission.admit(upTo: 100) == .refuse(retryAfter: .milliseconds(300)))
    }

    @Test func `one call more than there is room for is refused with a time`() async throws {
        let queue = EngineQueue(name: "test", capacity: 2) {}
        let gate = DispatchSemaphore(value: 0)
        let started = DispatchSemaphore(value: 0)
        let first = Task {
            try await queue.run { _, _ in
                started.signal()
                gate.wait()
            }
        }
        await onThread { started.wait() }
        // One of the two has room to wait, the other has not.
        let others = (0..<2).map { _ in Task { try await queue.run { _, _ in } } }
        var refusals = 0
        await withTaskGroup(of: SpeechError?.self) { group in
            for other in others {
                group.addTask {
                    do {
                        try await other.value
                        return nil
                    } catch {
                        return error as? SpeechError
                    }
                }
            }
            for await error in group {
                if let error {
                    refusals += 1
                    #expect(error == .busy(engine: "test", retryAfter: .milliseconds(200)))
                    gate.signal()
                }
            }
        }
        #expect(refusals == 1)
        try await first.value
        try await queue.run { _, _ in }
    }

    @Test func `a cancelled caller does not wait for the work to wind down`() async throws {
        let queue = EngineQueue(name: "test", capacity: 2) {}
        let gate = DispatchSemaphore(value: 0)
        let observed = DispatchSemaphore(value: 0)
        let observations = Mutex<[Bool]>([])
        let call = Task {
            try await queue.run { _, cancellation in
                observations.withLock { $0.append(cancellation.isCancelled) }
                observed.signal()
                gate.wait()
                observations.withLock { $0.append(cancellation.isCancelled) }
                observed.signal()
            }
        }
        await onThread { observed.wait() }
        call.cancel()
        await #expect(throws: CancellationError.self) { try await call.value }
        gate.signal()
        await onThread { observed.wait() }
        #expect(observations.withLock { $0 } == [false, true])
    }

    @Test func `a call cancelled while it waits never runs`() async throws {
        let queue = EngineQueue(name: "test", capacity: 4) {}
        let gate = DispatchSemaphore(value: 0)
        let ran = Mutex(false)
        let started = DispatchSemaphore(value: 0)
        let first = Task {
            try await queue.run { _, _ in
                started.signal()
                gate.wait()
            }
        }
        await onThread { started.wait() }
        let second = Task { try await queue.run { _, _ in ran.withLock { $0 = true } } }
        second.cancel()
        await #expect(throws: CancellationError.self) { try await second.value }
        gate.signal()
        try await first.value
        try await queue.run { _, _ in }
        #expect(ran.withLock { $0 } == false)
    }

    @Test func `the time to wait grows with the work that waits`() {
        var admission = EngineAdmission(capacity: 2)
        #expect(admission.admit() == .admit)
        #expect(admission.admit() == .admit)
        #expect(admission.admit() == .refuse(retryAfter: .milliseconds(200)))
        admission.finished(after: .milliseconds(900))
        #expect(admission.admit() == .admit)
        #expect(admission.admit() == .refuse(retryAfter: .milliseconds(400)))
    }
}

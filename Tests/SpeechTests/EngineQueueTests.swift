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
        var admission = EngineAdmission<Int>(capacity: 3)
        #expect(admission.admit(1, upTo: 1) == .run)
        #expect(admission.admit(2, upTo: 1) == .refuse(retryAfter: .milliseconds(100)))
        #expect(admission.admit(3, upTo: 100) == .wait)
        #expect(admission.admit(4) == .wait)
        #expect(admission.admit(5, upTo: 100) == .refuse(retryAfter: .milliseconds(300)))
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

    @Test func `a call cancelled while it waits gives its place back at once`() async throws {
        let queue = EngineQueue(name: "test", capacity: 2) {}
        let gate = DispatchSemaphore(value: 0)
        let (starts, start) = AsyncStream<Void>.makeStream()
        let first = Task {
            try await queue.run { _, _ in
                start.yield()
                gate.wait()
            }
        }
        for await _ in starts.prefix(1) {}
        // While the first runs, one after the other waits in the only place and leaves it.
        for _ in 0..<10 {
            let waiting = Task { try await queue.run { _, _ in Issue.record("a cancelled call ran") } }
            waiting.cancel()
            await #expect(throws: CancellationError.self) { try await waiting.value }
        }
        let last = Task { try await queue.run { _, _ in "last" } }
        gate.signal()
        try await first.value
        #expect(try await last.value == "last")
    }

    @Test func `of many callers that come and go each gets a result or an error, and the others run`() async throws {
        let queue = EngineQueue(name: "test", capacity: 1000) {}
        let runs = Counter()
        let served = try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<500 {
                group.addTask {
                    let call = Task { try await queue.run { _, _ in runs.increment() } }
                    if number.isMultiple(of: 3) { call.cancel() }
                    do {
                        try await call.value
                        return true
                    } catch is CancellationError {
                        return false
                    }
                }
            }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(served >= 333)
        #expect(runs.count >= served)
        try await queue.run { _, _ in }
    }

    @Test func `the time to wait grows with the work that waits`() {
        var admission = EngineAdmission<Int>(capacity: 2)
        #expect(admission.admit(1) == .run)
        #expect(admission.admit(2) == .wait)
        #expect(admission.admit(3) == .refuse(retryAfter: .milliseconds(200)))
        #expect(admission.finished(after: .milliseconds(900)) == 2)
        #expect(admission.admit(4) == .wait)
        #expect(admission.admit(5) == .refuse(retryAfter: .milliseconds(400)))
    }

    @Test func `calls run in the order in which they came, without those that left`() {
        var admission = EngineAdmission<Int>(capacity: 4)
        #expect((1...4).map { admission.admit($0) } == [.run, .wait, .wait, .wait])
        #expect(admission.withdraw(3) == true)
        #expect(admission.withdraw(3) == false)
        // It runs, so its place is taken until it ends.
        #expect(admission.withdraw(1) == false)
        #expect(admission.count == 3)
        #expect(admission.admit(5) == .wait)
        #expect(admission.finished(after: .seconds(1)) == 2)
        #expect(admission.finished(after: .seconds(1)) == 4)
        #expect(admission.finished(after: nil) == 5)
        #expect(admission.finished(after: nil) == nil)
        #expect(admission.count == 0)
    }

    @Test func `calls that were cancelled before the engine saw them do not shorten the time to wait`() {
        var admission = EngineAdmission<Int>(capacity: 1)
        _ = admission.admit(1)
        _ = admission.finished(after: .milliseconds(900))
        for number in 2..<50 {
            #expect(admission.admit(number) == .run)
            _ = admission.finished(after: nil)
        }
        _ = admission.admit(50)
        #expect(admission.admit(51) == .refuse(retryAfter: .milliseconds(200)))
    }
}

private final class Counter: Sendable {
    private let value = Atomic(0)
    var count: Int { value.load(ordering: .relaxed) }
    func increment() { value.add(1, ordering: .relaxed) }
}

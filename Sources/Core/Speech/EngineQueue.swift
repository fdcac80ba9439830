import Audio
import CoreMetrics
import Dispatch
import Synchronization

/// Runs the blocking calls of one engine, one after another, on a thread of the engine's own (``EngineThread``).
///
/// The engine is loaded by the first call. It never leaves that thread, so it need not be safe for threads. A bounded
/// number of calls may wait; one more is refused with `SpeechError.busy`, which says when to try again. A call that is
/// cancelled while it waits gives its place back at once and never runs.
final class EngineQueue<Engine>: Sendable {
    private typealias Job = @Sendable () -> Void

    private struct State {
        var admission: EngineAdmission<ObjectIdentifier>
        /// The work of the calls that wait.
        var jobs: [ObjectIdentifier: Job] = [:]
    }

    private let name: String
    private let queue: DispatchQueue
    private let load: @Sendable () throws -> Engine
    private let state: Mutex<State>
    private let confined = Confined()
    private let metrics: EngineMetrics

    /// Holds the engine and its thread between calls.
    // Unchecked because the compiler cannot see it, but only blocks on the serial queue touch the thread, and only jobs on
    // the thread the engine.
    private final class Confined: @unchecked Sendable {
        var thread: EngineThread?
        var engine: Engine?
        let isLoaded = Atomic(false)
    }

    /// A queue for the engine that `load` makes, with room for `capacity` calls, the running one included.
    init(name: String, capacity: Int, load: @escaping @Sendable () throws -> Engine) {
        self.name = name
        self.load = load
        queue = DispatchQueue(label: "antiphon.engine.\(name)", qos: .userInitiated)
        state = Mutex(State(admission: EngineAdmission(capacity: capacity)))
        metrics = EngineMetrics(engine: name)
    }

    // Nobody waits any more, so no block is on the queue. The engine ends where it was loaded, with the descriptors there.
    deinit { confined.thread?.end { [confined] in confined.engine = nil } }

    /// Whether the engine can be used: it can when it is loaded, whatever has become of its files since; otherwise
    /// `check` says so, away from the cooperative pool.
    func availability(
        _ check: @escaping @Sendable () -> EngineDescription.Availability
    ) async -> EngineDescription.Availability {
        if confined.isLoaded.load(ordering: .acquiring) { return .available }
        return await offPool(check)
    }

    /// Runs `work` with the engine; `limit` admits fewer calls than the queue has room for. The work is told of
    /// cancellation by a flag; the caller gets a `CancellationError` at once, even while the work winds down.
    func run<Result: Sendable>(
        upTo limit: Int? = nil,
        _ work: @escaping @Sendable (Engine, CancellationFlag) throws -> Result
    ) async throws -> Result {
        let call = Call<Result>()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                call.start(continuation)
                admit(call, upTo: limit) { self.perform(call, work) }
            }
        } onCancel: {
            call.cancellation.cancel()
            withdraw(ObjectIdentifier(call))
            call.finish(.failure(CancellationError()))
        }
    }

    private func admit<Result>(_ call: Call<Result>, upTo limit: Int?, _ job: @escaping Job) {
        let id = ObjectIdentifier(call)
        let decision = state.withLock { state -> EngineAdmission<ObjectIdentifier>.Decision? in
            // A cancellation from here on finds the call among those that wait.
            guard !call.cancellation.isCancelled else { return nil }
            let decision = state.admission.admit(id, upTo: limit)
            if decision == .wait { state.jobs[id] = job }
            return decision
        }
        switch decision {
        case .run:
            metrics.waiting.increment(by: 1)
            queue.async(execute: job)
        case .wait:
            metrics.waiting.increment(by: 1)
        case .refuse(let retryAfter):
            metrics.refusals.increment()
            call.finish(.failure(SpeechError.busy(engine: name, retryAfter: retryAfter)))
        case nil:
            break
        }
    }

    /// Gives back the place of a call that waits; one that runs already only winds down.
    private func withdraw(_ id: ObjectIdentifier) {
        let job = state.withLock { state in
            state.admission.withdraw(id) ? state.jobs.removeValue(forKey: id) : nil
        }
        if job != nil { metrics.waiting.decrement(by: 1) }
    }

    private func perform<Result: Sendable>(
        _ call: Call<Result>,
        _ work: @escaping @Sendable (Engine, CancellationFlag) throws -> Result
    ) {
        let started = ContinuousClock.now
        var result: Swift.Result<Result, any Error>?
        if !call.cancellation.isCancelled {
            result = onThread { [confined, load] in
                let engine = try confined.engine ?? load()
                confined.engine = engine
                confined.isLoaded.store(true, ordering: .releasing)
                return try work(engine, call.cancellation)
            }
        }
        let time = ContinuousClock.now - started
        let next = state.withLock { state in
            state.admission.finished(after: result == nil ? nil : time)
                .flatMap { state.jobs.removeValue(forKey: $0) }
        }
        metrics.waiting.decrement(by: 1)
        metrics.calls.recordSeconds(time.seconds)
        if let next { queue.async(execute: next) }
        if let result { call.finish(result) }
    }

    /// What `job` gives on the engine's thread.
    private func onThread<Result: Sendable>(
        _ job: @escaping @Sendable () throws -> Result
    ) -> Swift.Result<Result, any Error> {
        let thread: EngineThread
        if let running = confined.thread {
            thread = running
        } else {
            do throws(EngineThread.Failure) {
                thread = try EngineThread(of: name)
            } catch {
                return .failure(SpeechError.unavailable(engine: name, reason: error.description))
            }
            confined.thread = thread
        }
        let outcome = Outcome<Result>()
        thread.run {
            let result = Swift.Result(catching: job)
            outcome.value.withLock { $0 = result }
        }
        // Taken out, so that the thread does not let go of it last.
        return outcome.value.withLock { value in
            defer { value = nil }
            return value ?? .failure(CancellationError())
        }
    }

    /// Takes a result from one thread to another.
    private final class Outcome<Value: Sendable>: Sendable {
        let value = Mutex<Swift.Result<Value, any Error>?>(nil)
    }
}

/// How busy an engine is.
private struct EngineMetrics: Sendable {
    let calls: Timer
    let waiting: Meter
    let refusals: Counter

    init(engine: String) {
        let dimensions = [("engine", engine)]
        calls = Timer(label: "engine.call.duration", dimensions: dimensions)
        waiting = Meter(label: "engine.calls.waiting", dimensions: dimensions)
        refusals = Counter(label: "engine.calls.refused", dimensions: dimensions)
    }
}

/// A call whose result is delivered once, by whoever comes first: the work or a cancellation.
private final class Call<Result: Sendable>: Sendable {
    private enum State {
        case idle
        case waiting(CheckedContinuation<Result, any Error>)
        case done(Swift.Result<Result, any Error>?)
    }

    let cancellation = CancellationFlag()
    private let state = Mutex(State.idle)

    func start(_ continuation: CheckedContinuation<Result, any Error>) {
        let early: Swift.Result<Result, any Error>? = state.withLock { state in
            if case .done(let result) = state { return result }
            state = .waiting(continuation)
            return nil
        }
        if let early { continuation.resume(with: early) }
    }

    func finish(_ result: sending Swift.Result<Result, any Error>) {
        let waiting: CheckedContinuation<Result, any Error>? = state.withLock { state in
            switch state {
            case .idle:
                state = .done(result)
                return nil
            case .waiting(let continuation):
                state = .done(nil)
                return continuation
            case .done:
                return nil
            }
        }
        waiting?.resume(with: result)
    }
}

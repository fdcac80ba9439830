import Audio
import CoreMetrics
import Dispatch
import Synchronization

/// Runs the blocking calls of one engine, one after another, on a thread that is neither an event loop nor part of the
/// cooperative pool.
///
/// The engine is loaded by the first call. It never leaves the queue, so it need not be safe for threads. A bounded
/// number of calls may wait; one more is refused with `SpeechError.busy`, which says when to try again.
final class EngineQueue<Engine>: Sendable {
    private let name: String
    private let queue: DispatchQueue
    private let load: @Sendable () throws -> Engine
    private let admission: Mutex<EngineAdmission>
    private let confined = Confined()
    private let metrics: EngineMetrics

    /// Holds the engine between calls.
    // Unchecked because the compiler cannot see it, but only blocks on the serial queue touch it.
    private final class Confined: @unchecked Sendable {
        var engine: Engine?
    }

    /// A queue for the engine that `load` makes, with room for `capacity` calls, the running one included.
    init(name: String, capacity: Int, load: @escaping @Sendable () throws -> Engine) {
        self.name = name
        self.load = load
        queue = DispatchQueue(label: "antiphon.engine.\(name)", qos: .userInitiated)
        admission = Mutex(EngineAdmission(capacity: capacity))
        metrics = EngineMetrics(engine: name)
    }

    /// Runs `work` with the engine. The work is told of cancellation by a flag; the caller gets a `CancellationError`
    /// at once, even while the work winds down.
    func run<Result: Sendable>(
        _ work: @escaping @Sendable (Engine, CancellationFlag) throws -> Result
    ) async throws -> Result {
        if case .refuse(let retryAfter) = admission.withLock({ $0.admit() }) {
            metrics.refusals.increment()
            throw SpeechError.busy(engine: name, retryAfter: retryAfter)
        }
        metrics.waiting.increment(by: 1)
        let call = Call<Result>()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                call.start(continuation)
                queue.async { self.perform(call, work) }
            }
        } onCancel: {
            call.cancellation.cancel()
            call.finish(.failure(CancellationError()))
        }
    }

    private func perform<Result>(_ call: Call<Result>, _ work: (Engine, CancellationFlag) throws -> Result) {
        let started = ContinuousClock.now
        defer {
            let time = ContinuousClock.now - started
            admission.withLock { $0.finished(after: time) }
            metrics.waiting.decrement(by: 1)
            metrics.calls.recordSeconds(time.seconds)
        }
        guard !call.cancellation.isCancelled else { return }
        call.finish(
            Swift.Result {
                let engine = try confined.engine ?? load()
                confined.engine = engine
                return try work(engine, call.cancellation)
            }
        )
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

/// Counts the calls of an engine and estimates how long a refused caller should wait.
struct EngineAdmission: Sendable {
    enum Decision: Equatable {
        case admit
        case refuse(retryAfter: Duration)
    }

    private let capacity: Int
    private(set) var count = 0
    private var meanTime: Duration = .milliseconds(100)

    init(capacity: Int) {
        self.capacity = max(1, capacity)
    }

    mutating func admit() -> Decision {
        guard count < capacity else { return .refuse(retryAfter: meanTime * count) }
        count += 1
        return .admit
    }

    mutating func finished(after time: Duration) {
        count -= 1
        // An exponential moving average over about eight calls.
        meanTime = meanTime + (time - meanTime) / 8
    }
}

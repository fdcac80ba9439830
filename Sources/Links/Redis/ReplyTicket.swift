import Synchronization

/// One task that waits for replies. The first result counts; later ones are ignored.
final class ReplyTicket: Sendable {
    typealias Result = Swift.Result<[RESPValue], RedisError>

    private enum State {
        case new
        case waiting(CheckedContinuation<Result, Never>)
        case finished(Result)
        case taken
    }

    private let state = Mutex(State.new)

    /// Gives the result to whoever waits, now or later.
    func finish(_ result: Result) {
        let waiting: CheckedContinuation<Result, Never>? = state.withLock { state in
            switch state {
            case .new:
                state = .finished(result)
                return nil
            case .waiting(let continuation):
                state = .taken
                return continuation
            case .finished, .taken: return nil
            }
        }
        waiting?.resume(returning: result)
    }

    /// The result, as soon as there is one; a cancelled task gets ``RedisError/cancelled`` at once.
    func replies() async -> Result {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let early: Result? = state.withLock { state in
                    if case .finished(let result) = state {
                        state = .taken
                        return result
                    }
                    state = .waiting(continuation)
                    return nil
                }
                if let early { continuation.resume(returning: early) }
            }
        } onCancel: {
            finish(.failure(.cancelled))
        }
    }
}

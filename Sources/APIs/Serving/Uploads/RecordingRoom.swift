import Dispatch
import HTTPTypes
import Speech
import Synchronization

/// The memory and the threads for the recordings of all requests together: they are decoded in the order of arrival, a few
/// at a time, and wait when there is no room. Too many at once are refused.
public final class RecordingRoom: Sendable {
    private struct State {
        var queue: RecordingQueue
        /// What tells those that wait whether they may go on.
        var waiters: [RecordingQueue.ID: @Sendable (Bool) -> Void] = [:]
        var nextID: RecordingQueue.ID = 0
    }

    /// The most bytes that the sound of one recording may take.
    let largest: Int
    /// Where recordings are decoded, which keeps a processor busy, or a program of its own.
    let threads: BlockingThreads
    private let state: Mutex<State>

    /// Room for `count` recordings of `largest` bytes of sound, or for more of smaller ones. At most `decoders` are decoded
    /// at a time and `waiting` wait for that.
    public init(largest: Int, count: Int = 4, decoders: Int = 4, waiting: Int = 16) {
        self.largest = largest
        threads = BlockingThreads(limit: decoders)
        let limits = RecordingQueue.Limits(
            memory: count * largest,
            largest: largest,
            decoders: decoders,
            waiting: waiting
        )
        state = Mutex(State(queue: RecordingQueue(limits: limits)))
    }

    /// How many bytes of sound there are.
    public var taken: Int { state.withLock { $0.queue.taken } }

    /// Waits for a recording's turn to be decoded. Throws `APIFailure` (503) when too many wait, and `CancellationError`.
    func enter() async throws -> Place {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        let place = Place(id, in: self)
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                enter(place, continuation)
            }
        } onCancel: {
            place.cancel()
        }
        return place
    }

    private func enter(_ place: Place, _ continuation: CheckedContinuation<Void, any Error>) {
        let entry = state.withLock { state -> RecordingQueue.Entry? in
            // A cancellation from here on finds the waiter in the table.
            guard !place.isCancelled else { return nil }
            let entry = state.queue.enter(place.id, at: .now)
            if entry == .wait {
                state.waiters[place.id] = { isTurn in
                    continuation.resume(with: isTurn ? .success(()) : .failure(CancellationError()))
                }
            }
            return entry
        }
        switch entry {
        case .begin: continuation.resume()
        case .wait: break
        case .refuse(let retryAfter): continuation.resume(throwing: Self.refusal(retryAfter))
        case nil: continuation.resume(throwing: CancellationError())
        }
    }

    /// Takes `count` bytes more, and blocks the thread until they are there. Throws `CancellationError`.
    fileprivate func grow(_ place: Place, by count: Int) throws {
        let answer = Answer()
        let isThere = try state.withLock { state in
            guard !place.isCancelled else { throw CancellationError() }
            guard count > 0, !state.queue.grow(place.id, by: count) else { return true }
            state.waiters[place.id] = { answer.give($0) }
            return false
        }
        guard isThere || answer.wait() else { throw CancellationError() }
    }

    /// Tells one that waits not to go on.
    fileprivate func stopWaiting(_ id: RecordingQueue.ID) {
        state.withLock { $0.waiters.removeValue(forKey: id) }?(false)
    }

    fileprivate func advance(_ input: (inout RecordingQueue, ContinuousClock.Instant) -> [RecordingQueue.ID]) {
        let waiters = state.withLock { state in
            input(&state.queue, .now).compactMap { state.waiters.removeValue(forKey: $0) }
        }
        for waiter in waiters { waiter(true) }
    }

    private static func refusal(_ retryAfter: Duration) -> APIFailure {
        var failure = APIFailure(
            .serviceUnavailable,
            .overloaded,
            "Too many recordings are being worked on at once; try again later."
        )
        failure.retryAfter = retryAfter
        return failure
    }

    /// The room of one recording; given back when the place is let go.
    final class Place: Sendable {
        fileprivate let id: RecordingQueue.ID
        private let room: RecordingRoom
        private let cancellation = CancellationFlag()

        fileprivate init(_ id: RecordingQueue.ID, in room: RecordingRoom) {
            self.id = id
            self.room = room
        }

        fileprivate var isCancelled: Bool { cancellation.isCancelled }

        /// Takes `count` bytes more for the sound, and blocks the thread until they are there; with 0, only checks. Throws
        /// `CancellationError` once the place is cancelled.
        func grow(by count: Int) throws {
            try room.grow(self, by: count)
        }

        /// Says that the sound is complete, so that it is another's turn.
        func isDecoded() {
            room.advance { [id] in $0.decoded(id, at: $1) }
        }

        /// Ends all waiting, now and later.
        func cancel() {
            cancellation.cancel()
            room.stopWaiting(id)
        }

        deinit {
            room.advance { [id] in $0.leave(id, at: $1) }
        }
    }

    /// What a thread waits for that decodes, which is one of those for blocking work and no event loop's.
    private final class Answer: Sendable {
        private let gate = DispatchSemaphore(value: 0)
        private let isYes = Mutex(false)

        func give(_ answer: Bool) {
            isYes.withLock { $0 = answer }
            gate.signal()
        }

        func wait() -> Bool {
            gate.wait()
            return isYes.withLock { $0 }
        }
    }
}

import DequeModule
import Synchronization

/// What arrived on a connection and was not read yet, and those who wait for something of it. Several tasks may wait for a
/// message; each message goes to one of them, in the order in which they came.
final class Mailbox: Sendable {
    /// So many messages may lie here before reading from the network pauses; it resumes at a quarter of it.
    private static let limit = 32
    /// So many bytes may wait for the peer before senders wait.
    private static let congestion = 64 * 1024

    private struct State {
        var messages: Deque<WebSocketMessage> = []
        /// Those who wait for a message, by number.
        var readers: Deque<(number: Int, continuation: CheckedContinuation<WebSocketMessage?, Never>)> = []
        /// Those who wait for the peer to read, by number.
        var senders: [Int: CheckedContinuation<Bool, Never>] = [:]
        var lastNumber = 0
        var watchers: [CheckedContinuation<Void, Never>] = []
        var ending: WebSocketStream.Ending?
        var isPaused = false
        /// Whether senders are to wait for the peer.
        var isCongested = false
    }

    private let state = Mutex(State())

    var ending: WebSocketStream.Ending? { state.withLock { $0.ending } }

    /// Whether senders have to wait for the peer.
    var isCongested: Bool { state.withLock { $0.isCongested } }

    /// Takes a message in; false if reading from the network is to pause.
    func deliver(_ message: WebSocketMessage) -> Bool {
        let (reader, goesOn) = state.withLock { state in
            if let reader = state.readers.popFirst() {
                return (reader.continuation as CheckedContinuation<WebSocketMessage?, Never>?, true)
            }
            state.messages.append(message)
            state.isPaused = state.isPaused || state.messages.count >= Self.limit
            return (nil, !state.isPaused)
        }
        reader?.resume(returning: message)
        return goesOn
    }

    /// The next message, and whether reading from the network is to go on; nil at the end.
    func next() async -> (WebSocketMessage, mustResume: Bool)? {
        let number = nextNumber()
        let message = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let ready: WebSocketMessage?? = state.withLock { state in
                    if let message = state.messages.popFirst() { return .some(message) }
                    guard state.ending == nil, !Task.isCancelled else { return .some(nil) }
                    state.readers.append((number, continuation))
                    return nil
                }
                if let ready { continuation.resume(returning: ready) }
            }
        } onCancel: {
            let reader = state.withLock { state in
                state.readers.firstIndex { $0.number == number }.map { state.readers.remove(at: $0).continuation }
            }
            reader?.resume(returning: nil)
        }
        guard let message else { return nil }
        let mustResume = state.withLock { state in
            guard state.isPaused, state.messages.count <= Self.limit / 4 else { return false }
            state.isPaused = false
            return true
        }
        return (message, mustResume)
    }

    /// The connection is closed.
    func end(_ ending: WebSocketStream.Ending) {
        let (readers, senders, watchers) = state.withLock { state in
            state.ending = ending
            defer {
                state.readers = []
                state.senders = [:]
                state.watchers = []
            }
            return (state.readers, state.senders.values, state.watchers)
        }
        for reader in readers { reader.continuation.resume(returning: nil) }
        for sender in senders { sender.resume(returning: true) }
        for watcher in watchers { watcher.resume() }
    }

    /// So many bytes lie before the peer after a write. Called on the connection's loop, as `drained()` is.
    func written(queuedBytes: Int) {
        state.withLock { $0.isCongested = queuedBytes > Self.congestion }
    }

    /// The peer has read what waited.
    func drained() {
        let senders = state.withLock { state in
            state.isCongested = false
            defer { state.senders = [:] }
            return state.senders.values
        }
        for sender in senders { sender.resume(returning: true) }
    }

    /// Waits until the peer has read what lies before it, or the connection is closed. Throws `CancellationError` when the
    /// task is cancelled before.
    func waitForRoom() async throws {
        let number = nextNumber()
        let isOver = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver: Bool? = state.withLock { state in
                    guard state.ending == nil, state.isCongested else { return true }
                    guard !Task.isCancelled else { return false }
                    state.senders[number] = continuation
                    return nil
                }
                if let isOver { continuation.resume(returning: isOver) }
            }
        } onCancel: {
            let sender = state.withLock { $0.senders.removeValue(forKey: number) }
            sender?.resume(returning: false)
        }
        guard isOver else { throw CancellationError() }
    }

    private func nextNumber() -> Int {
        state.withLock { state in
            state.lastNumber += 1
            return state.lastNumber
        }
    }

    func waitForEnding() async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                guard state.ending == nil else { return true }
                state.watchers.append(continuation)
                return false
            }
            if isOver { continuation.resume() }
        }
    }
}

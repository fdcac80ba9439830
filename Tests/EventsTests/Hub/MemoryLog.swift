import Synchronization
import TestRedis

@testable import Events

/// A durable log in memory that can fail, or hold up what is to be stored.
final class MemoryLog: DurableLog {
    struct Failure: Error {}

    private struct State {
        var isFailing = false
        var isHeld = false
        var held: [CheckedContinuation<Void, Never>] = []
        var topics: [LoggedTopic] = []
    }

    private let state: Mutex<State>
    /// What was to be stored, each time before it was.
    let attempts = Recorder<[LoggedPublication]>()
    /// What was stored.
    let stored = Recorder<LoggedPublication>()
    /// What was trimmed.
    let trims = Recorder<LogRelease>()

    init(_ topics: [LoggedTopic] = []) {
        state = Mutex(State(topics: topics))
    }

    /// Whether storing fails.
    func fail(_ isFailing: Bool = true) { state.withLock { $0.isFailing = isFailing } }

    /// Lets nothing be stored until `release()`.
    func hold() { state.withLock { $0.isHeld = true } }

    func release() {
        let held = state.withLock { state in
            state.isHeld = false
            defer { state.held = [] }
            return state.held
        }
        for continuation in held { continuation.resume() }
    }

    func append(_ publications: [LoggedPublication]) async throws {
        attempts.record(publications)
        await withCheckedContinuation { continuation in
            let goesOn = state.withLock { state in
                guard state.isHeld else { return true }
                state.held.append(continuation)
                return false
            }
            if goesOn { continuation.resume() }
        }
        guard !state.withLock(\.isFailing) else { throw Failure() }
        for publication in publications { stored.record(publication) }
    }

    func load() async throws -> [LoggedTopic] { state.withLock(\.topics) }

    func trim(_ releases: [LogRelease]) async throws { for release in releases { trims.record(release) } }

    /// The offsets that were stored, in order.
    var offsets: [UInt64] { stored.elements.map(\.publication.offset) }
}

import NIOCore
import Synchronization
import TestRedis

@testable import Events

/// A durable log in memory that can fail, or hold up what is to be stored and read.
final class MemoryLog: DurableLog {
    struct Failure: Error {}

    /// A topic that an earlier process has left.
    struct Topic: Sendable {
        let topic: TopicName
        let position: Position
        let publications: [(publication: Publication, idempotencyKey: String?)]
    }

    private struct State {
        var failure: (any Error)?
        var isHeld = false
        var held: [CheckedContinuation<Void, Never>] = []
        var topics: [LoggedTopic] = []
        var messages: [TopicName: [(epoch: String, message: LoggedMessage)]] = [:]
    }

    private let state: Mutex<State>
    /// What was to be stored, each time before it was.
    let attempts = Recorder<[LoggedPublication]>()
    /// What was stored.
    let stored = Recorder<LoggedPublication>()
    /// What was trimmed.
    let trims = Recorder<LogRelease>()
    /// What was asked for, each time before it was read.
    let reads = Recorder<LogRequest>()

    init(_ topics: [Topic] = []) {
        var initial = State()
        for topic in topics {
            initial.topics.append(LoggedTopic(topic: topic.topic, position: topic.position))
            initial.messages[topic.topic] = topic.publications.map {
                (topic.position.epoch, LoggedMessage($0.publication, idempotencyKey: $0.idempotencyKey))
            }
        }
        state = Mutex(initial)
    }

    /// Whether storing and reading fail.
    func fail(_ isFailing: Bool = true) { state.withLock { $0.failure = isFailing ? Failure() : nil } }

    /// Storing and reading fail with this.
    func fail(with error: any Error) { state.withLock { $0.failure = error } }

    /// Lets nothing be stored or read until `release()`.
    func hold() { state.withLock { $0.isHeld = true } }

    func release() {
        let held = state.withLock { state in
            state.isHeld = false
            defer { state.held = [] }
            return state.held
        }
        for continuation in held { continuation.resume() }
    }

    private func pass() async throws {
        await withCheckedContinuation { continuation in
            let goesOn = state.withLock { state in
                guard state.isHeld else { return true }
                state.held.append(continuation)
                return false
            }
            if goesOn { continuation.resume() }
        }
        if let failure = state.withLock(\.failure) { throw failure }
    }

    func append(_ publications: [LoggedPublication]) async throws {
        attempts.record(publications)
        try await pass()
        state.withLock { state in
            for logged in publications {
                let message = LoggedMessage(logged.publication, idempotencyKey: logged.idempotencyKey)
                state.messages[logged.topic, default: []].append((logged.epoch, message))
            }
        }
        for publication in publications { stored.record(publication) }
    }

    func topics() async throws -> [LoggedTopic] { state.withLock(\.topics) }

    func read(_ request: LogRequest) async throws -> [LoggedMessage] {
        reads.record(request)
        try await pass()
        let kept = state.withLock { $0.messages[request.topic] ?? [] }
        var messages = kept.filter {
            $0.epoch == request.epoch && request.offsets.contains($0.message.publication.offset)
        }
        .map(\.message)
        if request.prefersNewest { messages.reverse() }
        var bytes = 0
        let part = messages.prefix(request.maximumCount).prefix { message in
            defer { bytes += message.publication.data.readableBytes }
            return bytes < request.maximumBytes
        }
        return request.prefersNewest ? part.reversed() : Array(part)
    }

    func trim(_ releases: [LogRelease]) async throws {
        for release in releases {
            state.withLock { state in
                state.messages[release.topic]?.removeAll { $0.message.publication.offset <= release.position.offset }
            }
            trims.record(release)
        }
    }

    /// The offsets that were stored, in order.
    var offsets: [UInt64] { stored.elements.map(\.publication.offset) }
}

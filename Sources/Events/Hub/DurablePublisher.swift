import NIOCore
import Synchronization

/// Stores what is published to durable topics, many at a time, before anybody hears of it.
final class DurablePublisher: Sendable {
    /// A draft that waits to be stored.
    struct Pending: Sendable {
        let draft: Draft
        let topic: TopicName
        let report: (@Sendable (DeliveryReport) -> Void)?
        let completion: @Sendable (Result<Receipt, PublishError>) -> Void
    }

    private struct State {
        var pending: [Pending] = []
        var bytes = 0
        var waiter: CheckedContinuation<Void, Never>?
        var isStopped = false
    }

    /// The most that waits.
    private static let limit = (drafts: 10_000, bytes: 64 << 20)
    /// The most that is stored at once.
    private static let batch = 1000

    let log: any DurableLog
    private let state = Mutex(State())

    init(log: any DurableLog) {
        self.log = log
    }

    /// Takes a draft, or refuses it when too many wait.
    func submit(_ pending: Pending) {
        let (refusal, waiter): (PublishError?, CheckedContinuation<Void, Never>?) = state.withLock { state in
            guard !state.isStopped else { return (.stopped, nil) }
            let bytes = state.bytes + pending.draft.data.readableBytes
            guard state.pending.count < Self.limit.drafts, bytes <= Self.limit.bytes else { return (.busy, nil) }
            state.bytes = bytes
            state.pending.append(pending)
            defer { state.waiter = nil }
            return (nil, state.waiter)
        }
        if let refusal { pending.completion(.failure(refusal)) }
        waiter?.resume()
    }

    /// Stores and publishes until the task is cancelled; what was taken before is stored still.
    func run(for hub: EventHub) async {
        await withTaskCancellationHandler {
            while let batch = await next() { await store(batch, for: hub) }
        } onCancel: {
            let waiter = state.withLock { state in
                state.isStopped = true
                defer { state.waiter = nil }
                return state.waiter
            }
            waiter?.resume()
        }
    }

    /// The drafts that wait, or nil when there are none and none will come.
    private func next() async -> [Pending]? {
        while true {
            let (batch, isStopped) = state.withLock { state in
                let batch = Array(state.pending.prefix(Self.batch))
                state.pending.removeFirst(batch.count)
                state.bytes -= batch.reduce(0) { $0 + $1.draft.data.readableBytes }
                return (batch, state.isStopped)
            }
            if !batch.isEmpty { return batch }
            if isStopped { return nil }
            await withCheckedContinuation { continuation in
                let mustWait = state.withLock { state in
                    guard state.pending.isEmpty, !state.isStopped else { return false }
                    state.waiter = continuation
                    return true
                }
                if !mustWait { continuation.resume() }
            }
        }
    }

    /// Numbers drafts on copies of their topics, stores them, and only then publishes them: in between nobody else
    /// publishes to a durable topic, so they get the same numbers again.
    private func store(_ batch: [Pending], for hub: EventHub) async {
        let now = ContinuousClock.now
        var copies = hub.state.withLock { state in
            Dictionary(batch.map { ($0.topic, state.table[$0.topic]) }) { first, _ in first }
        }
        var records: [LoggedPublication] = []
        for pending in batch {
            var copy = (copies[pending.topic] ?? nil) ?? hub.open(pending.topic, now: now)
            guard let publication = copy?.publish(pending.draft, now: now).publication, let epoch = copy?.position.epoch
            else { continue }
            copies[pending.topic] = copy
            records.append(
                LoggedPublication(
                    topic: pending.topic,
                    epoch: epoch,
                    publication: publication,
                    idempotencyKey: pending.draft.idempotencyKey
                )
            )
        }
        do {
            try await log.append(records)
        } catch {
            for pending in batch { pending.completion(.failure(.notStored)) }
            return
        }
        for pending in batch {
            pending.completion(hub.publishNow(pending.draft, to: pending.topic, report: pending.report))
        }
    }
}

extension PublishResult {
    /// What was published, if something was.
    fileprivate var publication: Publication? {
        if case .published(let publication) = self { publication } else { nil }
    }
}

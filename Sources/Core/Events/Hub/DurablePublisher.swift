import Logging
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
        /// `run` waits for drafts with it.
        var waiter: CheckedContinuation<Void, Never>?
        var isStopped = false
        /// Whether `run` was called: it is called once.
        var hasBegun = false
        var isRunning = false
        /// Those who wait until all is stored.
        var finishers: [CheckedContinuation<Void, Never>] = []
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

    deinit {
        refusePending()
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

    /// Stores and publishes until `stop()`; what was taken before is stored still. When it was called before, or nobody
    /// may be stored for any more, it returns at once.
    func run(for hub: EventHub, logger: Logger) async {
        let mayRun = state.withLock { state in
            guard !state.hasBegun else { return false }
            state.hasBegun = true
            // Without work it was finished before it began, and what waited then was refused.
            state.isRunning = !state.isStopped || !state.pending.isEmpty
            return state.isRunning
        }
        guard mayRun else { return }
        while let batch = await next() { await store(batch, for: hub, logger: logger) }
        let finishers = state.withLock { state in
            state.isRunning = false
            defer { state.finishers = [] }
            return state.finishers
        }
        for finisher in finishers { finisher.resume() }
    }

    /// Takes nothing more, and returns when all is stored. What waits before `run` was called is refused, for nobody may
    /// ever store it.
    func finish() async {
        stop()
        if !state.withLock(\.hasBegun) { refusePending() }
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                guard state.isRunning else { return true }
                state.finishers.append(continuation)
                return false
            }
            if isOver { continuation.resume() }
        }
    }

    /// Takes nothing more; `run` returns when all is stored.
    func stop() {
        let waiter = state.withLock { state in
            state.isStopped = true
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    /// Tells those who wait that nothing is stored any more.
    private func refusePending() {
        let pending = state.withLock { state in
            defer { (state.pending, state.bytes) = ([], 0) }
            return state.pending
        }
        for pending in pending { pending.completion(.failure(.stopped)) }
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

    /// What becomes of a draft of a batch.
    private enum Decision {
        case publish(Publication, epoch: String)
        case done(Result<Receipt, PublishError>)

        func record(of pending: Pending) -> LoggedPublication? {
            guard case .publish(let publication, let epoch) = self else { return nil }
            return LoggedPublication(
                topic: pending.topic,
                epoch: epoch,
                publication: publication,
                idempotencyKey: pending.draft.idempotencyKey
            )
        }
    }

    /// Stores drafts, and only then gives them to their topics and to those who listen: in between nobody else publishes to
    /// a durable topic.
    private func store(_ batch: [Pending], for hub: EventHub, logger: Logger) async {
        let topics = Set(batch.map(\.topic))
        // They stay as they are until all is published.
        let held = hub.hold(topics)
        defer { hub.letGo(held) }
        let decisions = decide(batch, on: hub.excerpt(of: topics))
        let records = zip(batch, decisions).compactMap { pending, decision in
            decision.record(of: pending)
        }
        do {
            if !records.isEmpty { try await log.append(records) }
        } catch {
            logger.error("messages for durable topics were not stored", metadata: ["error": "\(error)"])
            let reason =
                if case DurableLogError.noSpace = error { PublishError.noSpace } else { PublishError.notStored }
            for (pending, decision) in zip(batch, decisions) {
                // What was a repetition, or refused already, does not depend on the log.
                if case .done(let result) = decision, case .failure = result {
                    pending.completion(result)
                } else {
                    pending.completion(.failure(reason))
                }
            }
            return
        }
        for (pending, decision) in zip(batch, decisions) {
            switch decision {
            case .publish(let publication, let epoch):
                pending.completion(.success(hub.publish(stored: publication, epoch, pending)))
            case .done(let result):
                if case .success = result { hub.countDuplicate() }
                pending.completion(result)
            }
        }
    }

    /// Numbers drafts on a copy of their topics.
    private func decide(_ batch: [Pending], on excerpt: TopicTable) -> [Decision] {
        let now = ContinuousClock.now
        var table = excerpt
        return batch.map { pending in
            let (draft, topic) = (pending.draft, pending.topic)
            guard let epoch = table.position(of: topic)?.epoch,
                let result = try? table.publish(draft, to: topic, now: now)
            else { return .done(.failure(.topic(.tooMany(limit: table.limits.topics)))) }
            return switch result {
            case .published(let publication): .publish(publication, epoch: epoch)
            case .duplicate(let position): .done(.success(Receipt(position: position, targeted: 0, isDuplicate: true)))
            case .stateFull(let limit): .done(.failure(.stateFull(limit)))
            }
        }
    }
}

extension EventHub {
    /// Takes a stored publication into its topic and gives it to all who listen.
    fileprivate func publish(
        stored publication: Publication,
        _ epoch: String,
        _ pending: DurablePublisher.Pending
    ) -> Receipt {
        let envelope = Envelope.encode(type: publication.type, data: publication.data, timestamp: publication.timestamp)
        let sent = state.withLock { state in
            // There is room: the topic is held.
            _ = try? state.table.update(pending.topic, publisher: pending.draft.publisher, now: .now) { topic in
                if topic.position.epoch != epoch {
                    topic.restart(at: Position(epoch: epoch, offset: publication.offset - 1))
                }
                return topic.apply(
                    publication,
                    epoch: epoch,
                    idempotencyKey: pending.draft.idempotencyKey,
                    now: .now
                )
            }
            state.table.statistics.published += 1
            return send(publication, envelope, to: pending.topic, pending.report, &state)
        }
        return sent.finish()
    }

    /// A draft for a durable topic was recognised as a repetition.
    fileprivate func countDuplicate() { state.withLock { $0.table.statistics.duplicates += 1 } }

    /// Makes topics where there are none yet, and lets none of them be removed. Returns those for which there is room.
    fileprivate func hold(_ topics: Set<TopicName>) -> [TopicName] {
        state.withLock { state in topics.filter { (try? state.table.retain($0, now: .now)) != nil } }
    }

    /// Ends what `hold` began.
    fileprivate func letGo(_ topics: [TopicName]) {
        state.withLock { state in for topic in topics { state.table.release(topic, now: .now) } }
    }

    /// A copy of topics.
    fileprivate func excerpt(of topics: Set<TopicName>) -> TopicTable {
        state.withLock { $0.table.excerpt(of: topics) }
    }
}

public import Logging
public import NIOCore
import Synchronization

/// The topics of a server: takes what is published, numbers and keeps it, and gives it to all who listen.
///
/// A publisher never waits for a subscriber. `HubState` decides; this shell keeps it behind a lock, and puts what is to be
/// sent into the loops' inboxes while the lock is held, so that all subscribers get a topic's events in the same order.
public final class EventHub: Sendable {
    /// What the hub knows. Nothing of others is called while it is locked: no filter, no completion.
    let state: Mutex<HubState>
    let fanout: [FanoutLoop]
    let handlers = EventHandlers()
    let durable: DurablePublisher?
    let cluster = Mutex(ClusterMembership())
    private let observer: (any HubObserver)?
    let logger: Logger?
    /// The table as it was made: its classes never change.
    let blueprint: TopicTable

    /// A hub for subscribers on the loops of `eventLoopGroup`. Topics of durable classes are kept in `log`; when that cannot be
    /// read, `logger` says why.
    public init(
        table: TopicTable,
        eventLoopGroup: any EventLoopGroup,
        log: (any DurableLog)? = nil,
        logger: Logger? = nil,
        observer: (any HubObserver)? = nil
    ) {
        precondition(log != nil || !table.hasDurableClass, "durable topics need a log")
        let loops = Array(eventLoopGroup.makeIterator())
        fanout = loops.enumerated().map { FanoutLoop(index: $0.offset, eventLoop: $0.element, observer: observer) }
        state = Mutex(HubState(table: table, outlets: loops.count))
        blueprint = table
        durable = log.map { DurablePublisher(log: $0) }
        self.logger = logger
        self.observer = observer
    }

    /// The class that holds for a topic.
    func topicClass(of topic: TopicName) -> TopicClass { blueprint.topicClass(of: topic) }

    /// The outlet of an event loop's subscribers. The loop must be one of the group's.
    public func fanout(on eventLoop: any EventLoop) -> FanoutLoop {
        guard let found = fanout.first(where: { $0.eventLoop === eventLoop }) else {
            preconditionFailure("subscribers live on the loops that the hub was made for")
        }
        return found
    }

    // MARK: Publishing

    /// Publishes, and returns when the message is numbered, stored if its topic is durable, and on its way to all
    /// subscribers. Messages to durable topics are stored by ``run(cleanupInterval:logger:)``. Throws `PublishError`.
    @discardableResult
    public func publish(_ draft: Draft, to topic: TopicName) async throws(PublishError) -> Receipt {
        try await awaitReceipt { self.submit(draft, to: topic, completion: $0) }
    }

    /// Publishes, and returns when every loop has passed the message on. Throws `PublishError`.
    public func publishReporting(
        _ draft: Draft,
        to topic: TopicName
    ) async throws(PublishError) -> (receipt: Receipt, report: DeliveryReport) {
        let (reports, continuation) = AsyncStream.makeStream(of: DeliveryReport.self)
        let receipt = try await awaitReceipt { completion in
            self.submit(draft, to: topic, report: { continuation.yield($0) }, completion: completion)
        }
        guard !receipt.isDuplicate else { return (receipt, DeliveryReport(targeted: 0, queued: 0, dropped: 0)) }
        for await report in reports { return (receipt, report) }
        return (receipt, DeliveryReport(targeted: receipt.targeted, queued: 0, dropped: receipt.targeted))
    }

    /// Publishes from anywhere, an event loop for one, and calls `completion` when it is done: at once, unless the topic
    /// is durable. `report` is called when every loop has passed the message on.
    public func submit(
        _ draft: Draft,
        to topic: TopicName,
        report: (@Sendable (DeliveryReport) -> Void)? = nil,
        completion: @escaping @Sendable (Result<Receipt, PublishError>) -> Void
    ) {
        do {
            try draft.check()
        } catch {
            observer?.published(.refused)
            return completion(.failure(.draft(error)))
        }
        var draft = draft
        draft.holdOnlyItsBytes()
        let counting: @Sendable (Result<Receipt, PublishError>) -> Void = { [observer] result in
            observer?.published(PublishOutcome(result))
            completion(result)
        }
        guard !fanout.contains(where: \.isFull) else { return counting(.failure(.busy)) }
        if let node {
            submit(draft, to: topic, through: node, report: report, completion: counting)
        } else if let durable, blueprint.topicClass(of: topic).isDurable {
            durable.submit(.init(draft: draft, topic: topic, report: report, completion: counting))
        } else {
            counting(publishNow(draft, to: topic, report: report))
        }
    }

    /// Numbers a draft and hands it to the loops.
    private func publishNow(
        _ draft: Draft,
        to topic: TopicName,
        report: (@Sendable (DeliveryReport) -> Void)?
    ) -> Result<Receipt, PublishError> {
        let envelope = Envelope.encode(type: draft.type, data: draft.data, timestamp: draft.timestamp)
        let now = ContinuousClock.now
        let published = state.withLock { state -> Result<Sent, PublishError> in
            guard !state.isClosed else { return .failure(.stopped) }
            let result: PublishResult
            do throws(TopicError) {
                result = try state.table.publish(draft, to: topic, now: now)
            } catch {
                return .failure(.topic(error))
            }
            switch result {
            case .duplicate(let position):
                return .success(Sent(receipt: Receipt(position: position, targeted: 0, isDuplicate: true)))
            case .stateFull(let limit):
                return .failure(.stateFull(limit))
            case .published(let publication):
                return .success(send(publication, envelope, to: topic, report, &state))
            }
        }
        return published.map { $0.finish() }
    }

    /// Something that was sent, with what is to be done about it when the hub is unlocked.
    struct Sent {
        let receipt: Receipt
        var readers: [EventReader] = []
        var collector: ReportCollector?

        /// Lets readers have it and begins to collect the report.
        func finish() -> Receipt {
            for reader in readers { reader.settle() }
            collector?.begin()
            return receipt
        }
    }

    /// Gives a publication that stands in its topic to all who listen.
    func send(
        _ publication: Publication,
        _ envelope: EncodedEnvelope,
        to topic: TopicName,
        _ report: (@Sendable (DeliveryReport) -> Void)?,
        _ state: inout HubState
    ) -> Sent {
        let epoch = state.table.position(of: topic)?.epoch ?? ""
        let audience = state.audience(of: topic)
        let loops = audience.seats.indices.filter { audience.seats[$0] > 0 }
        var sent = Sent(
            receipt: Receipt(
                position: Position(epoch: epoch, offset: publication.offset),
                targeted: audience.targeted,
                isDuplicate: false
            )
        )
        sent.collector = report.map { report in
            let readers = audience.readers.count
            return ReportCollector(
                DeliveryReport(targeted: readers, queued: readers, dropped: 0),
                loops: loops.count,
                completion: report
            )
        }
        if !loops.isEmpty {
            let delivery = Delivery(
                serial: state.nextSerial(),
                origin: Delivery.Origin(topic: topic, epoch: epoch, publication: publication),
                envelope: envelope,
                rooms: audience.rooms,
                overflow: state.table.overflow(of: topic),
                report: sent.collector
            )
            for loop in loops { fanout[loop].enqueue(.delivery(delivery)) }
        }
        if !audience.readers.isEmpty {
            let event = Event(publication, topic: topic, epoch: epoch)
            sent.readers = audience.readers.filter { $0.push(event) }
        }
        return sent
    }

    private func awaitReceipt(
        _ start: (@escaping @Sendable (Result<Receipt, PublishError>) -> Void) -> Void
    ) async throws(PublishError) -> Receipt {
        let result = await withCheckedContinuation { continuation in
            start { continuation.resume(returning: $0) }
        }
        return try result.get()
    }

    // MARK: Subscribing in this process

    /// Subscribes to topics. Events wait in a buffer of so many; a reader that falls behind loses the oldest. Of the
    /// request, pattern, filter and `since` count: every event has its position, and ``snapshot(of:)`` has the keyed state.
    /// Of what the filter lets through, the events for which `isWanted` is true are kept; it may call the hub, but what it
    /// publishes to a topic of this subscription comes back to it. The subscription ends when the hub stops. Throws
    /// `TopicError`.
    public func subscribe(
        _ request: SubscriptionRequest,
        capacity: Int = 256,
        where isWanted: (@Sendable (Event) -> Bool)? = nil
    ) throws(TopicError) -> EventSubscription {
        let reader = EventReader(capacity: capacity, isWanted: Self.filter(request.filter, isWanted))
        let (grant, hasEnded) = try state.withLock { state throws(TopicError) in
            let grant = try state.join(request, reader: reader, now: .now)
            reader.begin(withStored: grant.stored)
            if case .exact(let topic) = request.pattern, let recovery = grant.recovery {
                for publication in recovery.publications {
                    _ = reader.push(Event(publication, topic: topic, epoch: recovery.position.epoch))
                }
            }
            return (grant, state.hasEnded)
        }
        if hasEnded { reader.finish() }
        reader.settle()
        return EventSubscription(
            hub: self,
            pattern: request.pattern,
            reader: reader,
            position: grant.position,
            isComplete: grant.recovery?.isComplete ?? (request.since == nil)
        )
    }

    private static func filter(
        _ filter: Filter?,
        _ isWanted: (@Sendable (Event) -> Bool)?
    ) -> (@Sendable (Event) -> Bool)? {
        guard let filter else { return isWanted }
        return { filter.matches(type: $0.type, data: $0.data) && isWanted?($0) != false }
    }

    func end(_ pattern: TopicPattern, _ reader: EventReader) {
        reader.finish()
        state.withLock { $0.leave(pattern, reader: reader, now: .now) }
    }

    // MARK: Looking

    /// What memory holds of a topic's history after a position. Nil if there is no such topic.
    public func heldHistory(of topic: TopicName, since: Position?, limit: Int) -> Recovery? {
        state.withLock { $0.table[topic]?.recover(since: since, limit: limit, now: .now) }
    }

    /// A topic's keyed state. Nil if there is no such topic.
    public func snapshot(of topic: TopicName) -> StateSnapshot? {
        state.withLock { $0.table[topic]?.snapshot() }
    }

    /// Who is present in a topic.
    public func members(of topic: TopicName) -> [Member] {
        state.withLock { $0.presence[topic]?.members() ?? [] }
    }

    /// What all topics together hold.
    public var topicStatistics: TopicStatistics { state.withLock { $0.table.statistics } }

    /// How many topics and patterns are followed.
    public var channelCount: Int { state.withLock { $0.channelCount } }

    /// The subscriptions of connections and of readers in this process.
    public var subscriptionCount: Int { state.withLock { $0.subscriptions } }

    /// How many of what there is.
    public var statistics: HubStatistics {
        state.withLock { HubStatistics(topics: $0.table.statistics, channels: $0.channels) }
    }
}

/// All topics of a node.
///
/// A topic comes into being when it is first published to or subscribed to, and is removed by `cleanup(now:visiting:)`
/// some time after nobody uses it.
public struct TopicTable: Sendable {
    struct Slot: Sendable {
        var topic: TopicState
        var subscribers = 0
        var lastUse: ContinuousClock.Instant
        /// Up to which offset its durable log was told that nothing is needed any more.
        var released: UInt64 = 0

        /// Whether nothing was ever published to it.
        var isPristine: Bool { topic.position.offset == 0 && topic.isIdle }
    }

    /// The classes in order of precedence.
    public let classes: [TopicClass]
    /// The class of the topics that no other class matches.
    public let defaultClass: TopicClass
    /// The most topics.
    public let maximumTopics: Int
    /// The most bytes that all topics together hold.
    public let maximumBytes: Int

    /// What the table holds and has seen.
    public internal(set) var statistics = TopicStatistics()

    // The topics lie side by side, so that cleaning up can stop after some and go on later.
    var slots: [Slot] = []
    var indices: [TopicName: Int] = [:]
    var cleanupCursor = 0
    private let makeEpoch: @Sendable () -> String

    /// An empty table; `makeEpoch` names the epoch of a new topic.
    public init(
        classes: [TopicClass] = [],
        defaultClass: TopicClass = TopicClass(),
        maximumTopics: Int = 100_000,
        maximumBytes: Int = 256 << 20,
        makeEpoch: @escaping @Sendable () -> String = Position.randomEpoch
    ) {
        self.classes = classes
        self.defaultClass = defaultClass
        self.maximumTopics = max(1, maximumTopics)
        self.maximumBytes = max(0, maximumBytes)
        self.makeEpoch = makeEpoch
    }

    /// Whether some topics outlive the process.
    var hasDurableClass: Bool { classes.contains(where: \.isDurable) || defaultClass.isDurable }

    /// The class that holds for a topic.
    public func topicClass(of name: TopicName) -> TopicClass {
        classes.first { $0.pattern.matches(name) } ?? defaultClass
    }

    /// Publishes to a topic, creating it on first use; throws `TopicError.tooMany`.
    ///
    /// When all topics together hold too much, this one gives up its oldest publications and idempotency keys, and its
    /// state does not grow.
    public mutating func publish(
        _ draft: Draft,
        to name: TopicName,
        now: ContinuousClock.Instant
    ) throws(TopicError) -> PublishResult {
        let index = try index(of: name, now: now)
        if statistics.bytes >= maximumBytes, slots[index].topic.stateGrows(with: draft) {
            return .stateFull(limit: .totalBytes(maximumBytes))
        }
        let result = change(index) { $0.publish(draft, now: now) }
        switch result {
        case .published: statistics.published += 1
        case .duplicate: statistics.duplicates += 1
        case .stateFull: break
        }
        return result
    }

    /// Changes a topic, creating it on first use; throws `TopicError.tooMany`. For publications numbered elsewhere.
    public mutating func update<Result>(
        _ name: TopicName,
        now: ContinuousClock.Instant,
        _ body: (inout TopicState) -> Result
    ) throws(TopicError) -> Result {
        change(try index(of: name, now: now), body)
    }

    /// The topic, created on first use; throws `TopicError.tooMany`.
    public mutating func topic(
        named name: TopicName,
        now: ContinuousClock.Instant
    ) throws(TopicError) -> TopicState {
        slots[try index(of: name, now: now)].topic
    }

    /// Counts a subscriber of a topic, creating it on first use, and returns the topic's position; throws
    /// `TopicError.tooMany`. A topic with subscribers is not removed.
    @discardableResult
    public mutating func retain(_ name: TopicName, now: ContinuousClock.Instant) throws(TopicError) -> Position {
        let index = try index(of: name, now: now)
        slots[index].subscribers += 1
        return slots[index].topic.position
    }

    /// Ends what one `retain(_:now:)` began.
    public mutating func release(_ name: TopicName, now: ContinuousClock.Instant) {
        guard let index = indices[name], slots[index].subscribers > 0 else { return }
        slots[index].subscribers -= 1
        slots[index].lastUse = now
        guard slots[index].subscribers == 0 else { return }
        // Where room is scarce a topic that came into being for its subscribers goes with the last of them.
        if slots[index].isPristine, slots.count > maximumTopics / 2 { remove(at: index) }
    }

    /// Changes a topic, counts what it holds and keeps all topics within the limit of bytes.
    mutating func change<Result>(_ index: Int, _ body: (inout TopicState) -> Result) -> Result {
        let bytes = slots[index].topic.bytes
        let held = slots[index].topic.historyCount
        let result = body(&slots[index].topic)
        let excess = statistics.bytes + slots[index].topic.bytes - bytes - maximumBytes
        if excess > 0 { slots[index].topic.shed(excess) }
        statistics.bytes += slots[index].topic.bytes - bytes
        statistics.held += slots[index].topic.historyCount - held
        return result
    }

    private mutating func index(of name: TopicName, now: ContinuousClock.Instant) throws(TopicError) -> Int {
        if let index = indices[name] {
            slots[index].lastUse = now
            return index
        }
        guard slots.count < maximumTopics else { throw .tooMany(limit: maximumTopics) }
        let topic = TopicState(name: name, class: topicClass(of: name), epoch: makeEpoch())
        slots.append(Slot(topic: topic, lastUse: now))
        indices[name] = slots.count - 1
        statistics.topics += 1
        return slots.count - 1
    }
}

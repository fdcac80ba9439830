/// All topics of a node.
///
/// A topic comes into being when it is first published to or subscribed to, and is removed by `cleanup(now:visiting:)`
/// some time after nobody uses it.
public struct TopicTable: Sendable {
    struct Slot: Sendable {
        var topic: TopicState
        var subscribers = 0
        var lastUse: ContinuousClock.Instant
        /// The account for which it counts.
        var account = PublisherAccounts.nameless
        /// Up to which offset its durable log was told that nothing is needed any more.
        var released: UInt64 = 0

        /// Whether nothing was ever published to it.
        var isPristine: Bool { topic.position.offset == 0 && topic.isIdle }
    }

    /// The classes in order of precedence.
    public let classes: [TopicClass]
    /// The class of the topics that no other class matches.
    public let defaultClass: TopicClass
    /// How much all topics together may hold.
    public let limits: TopicLimits

    /// What the table holds and has seen.
    public internal(set) var statistics = TopicStatistics()

    /// The topics that share a limit of what their histories take.
    private enum Group {
        case account(Int)
        case durable
    }

    // The topics lie side by side, so that cleaning up can stop after some and go on later.
    var slots: [Slot] = []
    var indices: [TopicName: Int] = [:]
    var cleanupCursor = 0
    var accounts = PublisherAccounts()
    /// The topic whose turn it is to give up memory.
    private var shedCursor = 0

    /// An empty table.
    public init(
        classes: [TopicClass] = [],
        defaultClass: TopicClass = TopicClass(),
        limits: TopicLimits = TopicLimits()
    ) {
        self.classes = classes
        self.defaultClass = defaultClass
        self.limits = limits
    }

    /// Whether some topics outlive the process.
    var hasDurableClass: Bool { classes.contains(where: \.isDurable) || defaultClass.isDurable }

    /// The class that holds for a topic.
    public func topicClass(of name: TopicName) -> TopicClass {
        classes.first { $0.pattern.matches(name) } ?? defaultClass
    }

    /// Publishes to a topic, creating it on first use; throws `TopicError.tooMany`.
    ///
    /// When histories take too much, the topics that take most give up their oldest publications, first among them those of
    /// the publisher that takes most. A state for which there is no room does not grow.
    public mutating func publish(
        _ draft: Draft,
        to name: TopicName,
        now: ContinuousClock.Instant
    ) throws(TopicError) -> PublishResult {
        let index = try index(of: name, now: now)
        count(index, for: accounts.number(of: draft.publisher))
        if let limit = limit(met: slots[index].topic.stateGrowth(with: draft), slots[index].account) {
            // A repetition adds nothing.
            guard case .duplicate(let position)? = slots[index].topic.repetition(of: draft, now: now) else {
                return .stateFull(limit: limit)
            }
            statistics.duplicates += 1
            return .duplicate(of: position)
        }
        let result = change(index) { $0.publish(draft, now: now) }
        switch result {
        case .published: statistics.published += 1
        case .duplicate: statistics.duplicates += 1
        case .stateFull: break
        }
        return result
    }

    /// The limit of all states that an entry would break, nil when there is room for it.
    private func limit(met growth: Int, _ account: Int) -> StateLimit? {
        guard growth > 0 else { return nil }
        if statistics.stateBytes + growth > limits.stateBytes { return .totalBytes(limits.stateBytes) }
        guard accounts[account].publisher != nil,
            accounts[account].stateBytes + growth > limits.stateBytesPerPublisher
        else { return nil }
        return .publisherBytes(limits.stateBytesPerPublisher)
    }

    /// Changes a topic, creating it on first use; throws `TopicError.tooMany`. For publications numbered elsewhere, by
    /// `publisher` if that is known.
    public mutating func update<Result>(
        _ name: TopicName,
        publisher: String? = nil,
        now: ContinuousClock.Instant,
        _ body: (inout TopicState) -> Result
    ) throws(TopicError) -> Result {
        let index = try index(of: name, now: now)
        if publisher != nil { count(index, for: accounts.number(of: publisher)) }
        return change(index, body)
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
        if slots[index].isPristine, slots.count > limits.topics / 2 { remove(at: index) }
    }

    /// Changes a topic, counts what it holds and keeps histories within their limits.
    mutating func change<Result>(_ index: Int, _ body: (inout TopicState) -> Result) -> Result {
        let result = changeAlone(index, body)
        guard limits.historyBytes > 0 else {
            changeAlone(index) { topic in
                topic.shed(topic.historyBytes)
                topic.shedKeys(topic.historyBytes)
            }
            return result
        }
        let account = slots[index].account
        if accounts[account].publisher != nil, accounts[account].historyBytes > limits.historyBytesPerPublisher {
            relieve(.account(account), to: limits.historyBytesPerPublisher)
        }
        if slots[index].topic.topicClass.isDurable, statistics.durableHistoryBytes > limits.durableHistoryBytes {
            relieve(.durable, to: limits.durableHistoryBytes)
        }
        while statistics.historyBytes > limits.historyBytes {
            let largest = accounts.largest
            let excess = statistics.historyBytes - limits.historyBytes
            guard relieve(.account(largest), to: accounts[largest].historyBytes - excess) else { break }
        }
        return result
    }

    /// Changes a topic and counts what it holds.
    private mutating func changeAlone<Result>(_ index: Int, _ body: (inout TopicState) -> Result) -> Result {
        let (history, state) = (slots[index].topic.historyBytes, slots[index].topic.stateBytes)
        let held = slots[index].topic.historyCount
        let result = body(&slots[index].topic)
        let more = (slots[index].topic.historyBytes - history, slots[index].topic.stateBytes - state)
        statistics.historyBytes += more.0
        if slots[index].topic.topicClass.isDurable { statistics.durableHistoryBytes += more.0 }
        statistics.stateBytes += more.1
        statistics.held += slots[index].topic.historyCount - held
        accounts.change(slots[index].account, historyBytes: more.0, stateBytes: more.1)
        return result
    }

    /// A topic counts for an account from now on.
    private mutating func count(_ index: Int, for account: Int) {
        let old = slots[index].account
        guard account != old else { return }
        let (history, state) = (slots[index].topic.historyBytes, slots[index].topic.stateBytes)
        slots[index].account = account
        accounts.open(account, historyBytes: history, stateBytes: state)
        accounts.close(old, historyBytes: history, stateBytes: state)
    }

    /// Has the topics of a group give up the oldest that they hold, until its histories take no more than `bytes`, and a
    /// little less, so that it is not done for every message. Topics that take more than others of the group come first;
    /// publications go before idempotency keys. False if nothing could be given up.
    @discardableResult
    private mutating func relieve(_ group: Group, to bytes: Int) -> Bool {
        let before = historyBytes(of: group)
        let target = bytes - bytes / 64
        let count = max(1, topicCount(of: group))
        for shedsKeys in [false, true] {
            var isProgressing = true
            while historyBytes(of: group) > target, isProgressing {
                isProgressing = false
                let share = historyBytes(of: group) / count
                for _ in slots.indices where historyBytes(of: group) > target {
                    if shedCursor >= slots.count { shedCursor = 0 }
                    defer { shedCursor += 1 }
                    guard isIn(group, slots[shedCursor]) else { continue }
                    let (own, held) = (slots[shedCursor].topic.historyBytes, historyBytes(of: group))
                    guard own > 0, own >= share else { continue }
                    let part = min(held - target, max(1, own / 2))
                    changeAlone(shedCursor) { shedsKeys ? $0.shedKeys(part) : $0.shed(part) }
                    if historyBytes(of: group) < held { isProgressing = true }
                }
            }
        }
        return historyBytes(of: group) < before
    }

    private func historyBytes(of group: Group) -> Int {
        switch group {
        case .account(let account): accounts[account].historyBytes
        case .durable: statistics.durableHistoryBytes
        }
    }

    private func topicCount(of group: Group) -> Int {
        switch group {
        case .account(let account): accounts[account].topics
        case .durable: slots.count { $0.topic.topicClass.isDurable }
        }
    }

    private func isIn(_ group: Group, _ slot: Slot) -> Bool {
        switch group {
        case .account(let account): slot.account == account
        case .durable: slot.topic.topicClass.isDurable
        }
    }

    private mutating func index(of name: TopicName, now: ContinuousClock.Instant) throws(TopicError) -> Int {
        if let index = indices[name] {
            slots[index].lastUse = now
            return index
        }
        guard slots.count < limits.topics else { throw .tooMany(limit: limits.topics) }
        let topic = TopicState(name: name, class: topicClass(of: name), epoch: Position.randomEpoch())
        slots.append(Slot(topic: topic, lastUse: now))
        accounts.open(PublisherAccounts.nameless)
        indices[name] = slots.count - 1
        statistics.topics += 1
        return slots.count - 1
    }
}

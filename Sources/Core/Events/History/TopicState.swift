/// One topic: its position, its history, its keyed state and the idempotency keys used lately.
public struct TopicState: Sendable {
    /// The name of the topic.
    public let name: TopicName
    /// How the topic is kept.
    public let topicClass: TopicClass

    /// The epoch and the offset of the last publication.
    public private(set) var position: Position

    /// The newest publications of the history: all of it, unless the topic is durable.
    private(set) var log = TopicLog()
    /// What else the history of a durable topic has, in its log alone.
    private(set) var past = StoredPast()
    /// Up to which offset the history has let go of its publications.
    private(set) var releasedOffset: UInt64 = 0
    private(set) var state = KeyedState()
    private var duplicates: DuplicateWindow

    /// A topic to which nothing was published yet.
    public init(name: TopicName, class: TopicClass, epoch: String) {
        self.name = name
        topicClass = `class`
        position = Position(epoch: epoch, offset: 0)
        duplicates = DuplicateWindow(limit: `class`.idempotencyKeys, age: `class`.idempotencyAge)
    }

    /// About how many bytes of memory may be given up: those of the history, and of the idempotency keys unless the topic is
    /// durable, for then it has promised to know what it has stored.
    public var historyBytes: Int { log.bytes + (topicClass.isDurable ? 0 : duplicates.bytes) }

    /// About how many bytes of memory may not be given up: those of the keyed state, and of a durable topic's idempotency
    /// keys.
    public var stateBytes: Int { state.bytes + (topicClass.isDurable ? duplicates.bytes : 0) }

    /// About how many bytes of memory the history, the state and the idempotency keys take.
    public var bytes: Int { historyBytes + stateBytes }

    /// How many publications of the history are in memory.
    public var historyCount: Int { log.count }

    /// Whether the topic holds nothing but its position.
    public var isIdle: Bool { log.count == 0 && past.isEmpty && state.count == 0 && duplicates.count == 0 }

    /// Numbers a draft and takes it into the history and the state.
    public mutating func publish(_ draft: Draft, now: ContinuousClock.Instant) -> PublishResult {
        if let repetition = repetition(of: draft, now: now) { return repetition }
        if topicClass.keepsState, let key = draft.stateKey,
            let limit = state.limit(met: draft, key: key, limits: topicClass)
        {
            return .stateFull(limit: limit)
        }
        let publication = Publication(offset: position.offset + 1, draft: draft).holdingOnlyItsBytes()
        take(publication, now: now)
        if let key = draft.idempotencyKey { duplicates.remember(key, at: position, now: now) }
        return .published(publication)
    }

    /// Says of a draft that its idempotency key was used before; nil if it was not.
    mutating func repetition(of draft: Draft, now: ContinuousClock.Instant) -> PublishResult? {
        draft.idempotencyKey.flatMap { duplicates.position(of: $0, now: now) }.map { .duplicate(of: $0) }
    }

    /// Takes in a publication that was numbered elsewhere: by another node or before a restart.
    ///
    /// `now` is the time from which its age counts. When the state was kept with larger limits elsewhere, the entries
    /// changed longest ago leave it.
    public mutating func apply(
        _ publication: Publication,
        epoch: String,
        idempotencyKey: String? = nil,
        now: ContinuousClock.Instant
    ) -> ApplyResult {
        guard epoch == position.epoch else { return .newEpoch }
        guard publication.offset > position.offset else { return .duplicate }
        guard publication.offset == position.offset + 1 else { return .gap(from: position.offset + 1) }
        take(publication.holdingOnlyItsBytes(), now: now)
        state.trim(to: topicClass)
        if let idempotencyKey { duplicates.remember(idempotencyKey, at: position, now: now) }
        return .applied
    }

    /// Gives up history and state and goes on from another position, with the state that belongs to it.
    ///
    /// Idempotency keys are kept, for a publisher may repeat itself across the change. Offsets above
    /// `Position.maximumOffset` count as that.
    public mutating func restart(at position: Position, state entries: [Publication] = []) {
        state.removeAll()
        skip(to: position)
        guard topicClass.keepsState else { return }
        for entry in entries {
            if let key = entry.stateKey { state.change(key, to: entry.holdingOnlyItsBytes()) }
        }
        state.trim(to: topicClass)
    }

    /// Gives up the history alone and goes on from another position. Offsets above `Position.maximumOffset` count as that.
    mutating func skip(to position: Position) {
        log.removeAll()
        past.removeAll()
        self.position = Position(epoch: position.epoch, offset: min(position.offset, Position.maximumOffset))
        releasedOffset = self.position.offset
    }

    /// Remembers that something was published under an idempotency key.
    mutating func remember(_ key: String, at position: Position, now: ContinuousClock.Instant) {
        duplicates.remember(key, at: position, now: now)
    }

    /// Drops what has become too old.
    public mutating func trim(now: ContinuousClock.Instant) {
        trimLog(now: now)
        duplicates.trim(now: now)
    }

    /// By how many bytes a draft would add to what may not be given up; 0 when it would not.
    func stateGrowth(with draft: Draft) -> Int {
        var growth = 0
        if topicClass.keepsState, let key = draft.stateKey { growth = state.growth(with: draft, key: key) }
        if topicClass.isDurable, let key = draft.idempotencyKey { growth += duplicates.growth(with: key) }
        return growth
    }

    /// Gives back about `count` bytes of memory, those of the oldest publications; of a durable topic its log has them
    /// still.
    mutating func shed(_ count: Int) {
        let target = bytes - count
        while bytes > target, letGo() {}
    }

    /// Gives back about `count` bytes of memory, those of the oldest idempotency keys. A durable topic keeps its keys.
    mutating func shedKeys(_ count: Int) {
        guard !topicClass.isDurable else { return }
        let target = bytes - count
        while bytes > target, duplicates.removeOldest() {}
    }

    private mutating func take(_ publication: Publication, now: ContinuousClock.Instant) {
        position = Position(epoch: position.epoch, offset: publication.offset)
        if topicClass.historyCount > 0 { log.append(publication, at: now) }
        trimLog(now: now)
        if topicClass.keepsState, let key = publication.stateKey { state.change(key, to: publication) }
    }

    /// Memory lets go of the oldest publication; false if it holds none.
    private mutating func letGo() -> Bool {
        guard let oldest = log.removeOldest() else { return false }
        if topicClass.isDurable {
            past.append(oldest.publication.offset, at: oldest.time)
        } else {
            releasedOffset = oldest.publication.offset
        }
        return true
    }

    /// Keeps memory within the limits of the class, and the history within its count and age.
    private mutating func trimLog(now: ContinuousClock.Instant) {
        while log.exceeds(topicClass), letGo() {}
        let newest = UInt64(topicClass.historyCount)
        if position.offset > newest { releasedOffset = max(releasedOffset, position.offset - newest) }
        if let outdated = past.outdated(topicClass.historyAge, now: now) {
            releasedOffset = max(releasedOffset, outdated)
        }
        // What only the log holds is older than what is in memory.
        while log.isOutdated(topicClass.historyAge, now: now), let oldest = log.removeOldest() {
            releasedOffset = oldest.publication.offset
        }
        past.remove(upTo: releasedOffset)
    }
}

/// One topic: its position, its history, its keyed state and the idempotency keys used lately.
public struct TopicState: Sendable {
    /// The name of the topic.
    public let name: TopicName
    /// How the topic is kept.
    public let topicClass: TopicClass

    /// The epoch and the offset of the last publication.
    public private(set) var position: Position

    var log = TopicLog()
    var state = KeyedState()
    private var duplicates: DuplicateWindow

    /// A topic to which nothing was published yet.
    public init(name: TopicName, class: TopicClass, epoch: String) {
        self.name = name
        topicClass = `class`
        position = Position(epoch: epoch, offset: 0)
        duplicates = DuplicateWindow(limit: `class`.idempotencyKeys, age: `class`.idempotencyAge)
    }

    /// About how many bytes of memory the history, the state and the idempotency keys take.
    public var bytes: Int { log.bytes + state.bytes + duplicates.bytes }

    /// How many publications the history holds.
    public var historyCount: Int { log.count }

    /// Whether the topic holds nothing but its position.
    public var isIdle: Bool { log.count == 0 && state.count == 0 && duplicates.count == 0 }

    /// Numbers a draft and takes it into the history and the state.
    public mutating func publish(_ draft: Draft, now: ContinuousClock.Instant) -> PublishResult {
        if let key = draft.idempotencyKey, let earlier = duplicates.position(of: key, now: now) {
            return .duplicate(of: earlier)
        }
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
        log.removeAll()
        state.removeAll()
        self.position = Position(epoch: position.epoch, offset: min(position.offset, Position.maximumOffset))
        guard topicClass.keepsState else { return }
        for entry in entries {
            if let key = entry.stateKey { state.change(key, to: entry.holdingOnlyItsBytes()) }
        }
        state.trim(to: topicClass)
    }

    /// Remembers that something was published under an idempotency key.
    mutating func remember(_ key: String, at position: Position, now: ContinuousClock.Instant) {
        duplicates.remember(key, at: position, now: now)
    }

    /// Drops what has become too old.
    public mutating func trim(now: ContinuousClock.Instant) {
        log.trim(to: topicClass, now: now)
        duplicates.trim(now: now)
    }

    /// Whether a draft would make the state larger.
    func stateGrows(with draft: Draft) -> Bool {
        guard topicClass.keepsState, let key = draft.stateKey else { return false }
        return state.grows(with: draft, key: key)
    }

    /// Gives back about `count` bytes, from the oldest publications first, then from the oldest idempotency keys. The
    /// state stays.
    mutating func shed(_ count: Int) {
        let target = bytes - count
        while bytes > target, log.removeOldest() {}
        while bytes > target, duplicates.removeOldest() {}
    }

    private mutating func take(_ publication: Publication, now: ContinuousClock.Instant) {
        position = Position(epoch: position.epoch, offset: publication.offset)
        if topicClass.historyCount > 0 {
            log.append(publication, at: now)
            log.trim(to: topicClass, now: now)
        }
        if topicClass.keepsState, let key = publication.stateKey { state.change(key, to: publication) }
    }
}

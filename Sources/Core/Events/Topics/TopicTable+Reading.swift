extension TopicTable {
    /// The topic, nil when it does not exist.
    public subscript(name: TopicName) -> TopicState? {
        indices[name].map { slots[$0].topic }
    }

    /// Where a topic stands; nil when it does not exist.
    public func position(of name: TopicName) -> Position? {
        indices[name].map { slots[$0].topic.position }
    }

    /// What happens to slow subscribers of a topic.
    func overflow(of name: TopicName) -> Overflow {
        indices[name].map { slots[$0].topic.topicClass.overflow } ?? topicClass(of: name).overflow
    }

    /// How many subscribers a topic has.
    public func subscribers(of name: TopicName) -> Int {
        indices[name].map { slots[$0].subscribers } ?? 0
    }

    /// What a subscriber missed; nil when the topic does not exist. See `TopicState.recover(since:limit:now:)`.
    public func recover(
        _ name: TopicName,
        since: Position?,
        limit: Int,
        now: ContinuousClock.Instant
    ) -> Recovery? {
        indices[name].map { slots[$0].topic.recover(since: since, limit: limit, now: now) }
    }

    /// The keyed state of a topic; nil when the topic does not exist.
    public func snapshot(of name: TopicName) -> StateSnapshot? {
        indices[name].map { slots[$0].topic.snapshot() }
    }

    /// A table of these topics alone, as far as they exist, that counts what all topics hold: what is published to it fares
    /// as it would here.
    func excerpt(of names: Set<TopicName>) -> TopicTable {
        var excerpt = self
        excerpt.slots = names.compactMap { name in indices[name].map { slots[$0] } }
        excerpt.indices = [:]
        for (index, slot) in excerpt.slots.enumerated() { excerpt.indices[slot.topic.name] = index }
        excerpt.cleanupCursor = 0
        return excerpt
    }
}

extension TopicTable {
    /// The topic, nil when it does not exist.
    public subscript(name: TopicName) -> TopicState? {
        indices[name].map { slots[$0].topic }
    }

    /// Where a topic stands; nil when it does not exist.
    public func position(of name: TopicName) -> Position? {
        indices[name].map { slots[$0].topic.position }
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
}

/// How much all topics together may hold in memory.
public struct TopicLimits: Sendable, Equatable {
    /// The most topics.
    public var topics: Int
    /// The most bytes of histories and idempotency keys. Beyond it those who take most give up their oldest messages; of
    /// durable topics these stay in the log.
    public var historyBytes: Int
    /// The most bytes of histories of durable topics, so that they leave room for the others: what they give up stays in
    /// the log, what others give up is gone.
    public var durableHistoryBytes: Int
    /// The most bytes of histories and idempotency keys of topics that count for one publisher.
    public var historyBytesPerPublisher: Int
    /// The most bytes of keyed state. A message that would add to it is refused.
    public var stateBytes: Int
    /// The most bytes of keyed state of topics that count for one publisher.
    public var stateBytesPerPublisher: Int

    /// Limits; the defaults fit a small server.
    public init(
        topics: Int = 100_000,
        historyBytes: Int = 256 << 20,
        durableHistoryBytes: Int = .max,
        historyBytesPerPublisher: Int = .max,
        stateBytes: Int = 64 << 20,
        stateBytesPerPublisher: Int = .max
    ) {
        self.topics = max(1, topics)
        self.historyBytes = max(0, historyBytes)
        self.durableHistoryBytes = max(0, durableHistoryBytes)
        self.historyBytesPerPublisher = max(0, historyBytesPerPublisher)
        self.stateBytes = max(0, stateBytes)
        self.stateBytesPerPublisher = max(0, stateBytesPerPublisher)
    }
}

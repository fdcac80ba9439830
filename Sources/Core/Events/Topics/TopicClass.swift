/// How the topics of a pattern are kept. The first class whose pattern matches a topic holds for it.
public struct TopicClass: Hashable, Sendable {
    /// The topics of the class.
    public var pattern: TopicPattern
    /// The most publications a topic's history keeps; 0 keeps none.
    public var historyCount: Int
    /// The most bytes a topic's history keeps.
    public var historyBytes: Int
    /// How long a publication stays in the history.
    public var historyAge: Duration
    /// What happens to slow subscribers.
    public var overflow: Overflow
    /// Whether the topic outlives the process.
    public var isDurable: Bool
    /// Whether the newest publication of each state key is kept.
    public var keepsState: Bool
    /// The most state keys of a topic.
    public var stateEntries: Int
    /// The most bytes of all state entries of a topic.
    public var stateBytes: Int
    /// The most idempotency keys a topic remembers; 0 remembers none.
    public var idempotencyKeys: Int
    /// How long an idempotency key is remembered.
    public var idempotencyAge: Duration
    /// How long a topic without subscribers is kept, with its position and state, after it was last used; at least
    /// `historyAge`.
    public var retention: Duration

    /// A class; the defaults fit live messages of moderate rate.
    public init(
        pattern: TopicPattern = .all,
        historyCount: Int = 256,
        historyBytes: Int = 1 << 20,
        historyAge: Duration = .seconds(600),
        overflow: Overflow = .disconnect,
        isDurable: Bool = false,
        keepsState: Bool = false,
        stateEntries: Int = 1000,
        stateBytes: Int = 1 << 20,
        idempotencyKeys: Int = 1024,
        idempotencyAge: Duration = .seconds(300),
        retention: Duration = .seconds(3600)
    ) {
        self.pattern = pattern
        self.historyCount = max(0, historyCount)
        self.historyBytes = max(0, historyBytes)
        self.historyAge = historyAge
        self.overflow = overflow
        self.isDurable = isDurable
        self.keepsState = keepsState
        self.stateEntries = max(0, stateEntries)
        self.stateBytes = max(0, stateBytes)
        self.idempotencyKeys = max(0, idempotencyKeys)
        self.idempotencyAge = idempotencyAge
        self.retention = max(retention, historyAge)
    }
}

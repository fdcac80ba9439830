/// What a table of topics holds and has seen.
public struct TopicStatistics: Hashable, Sendable {
    /// Topics that exist.
    public internal(set) var topics = 0
    /// Publications of all histories that are in memory.
    public internal(set) var held = 0
    /// About how many bytes of memory histories and idempotency keys take.
    public internal(set) var historyBytes = 0
    /// About how many of them are those of durable topics.
    public internal(set) var durableHistoryBytes = 0
    /// About how many bytes of memory states take.
    public internal(set) var stateBytes = 0
    /// About how many bytes of memory histories, states and idempotency keys take.
    public var bytes: Int { historyBytes + stateBytes }
    /// Drafts published since the start.
    public internal(set) var published: UInt64 = 0
    /// Drafts recognised as repetitions since the start.
    public internal(set) var duplicates: UInt64 = 0
}

/// What a table of topics holds and has seen.
public struct TopicStatistics: Hashable, Sendable {
    /// Topics that exist.
    public internal(set) var topics = 0
    /// Publications held in all histories.
    public internal(set) var held = 0
    /// About how many bytes histories, states and idempotency keys take.
    public internal(set) var bytes = 0
    /// Drafts published since the start.
    public internal(set) var published: UInt64 = 0
    /// Drafts recognised as repetitions since the start.
    public internal(set) var duplicates: UInt64 = 0
}

/// What a hub holds and has seen.
public struct HubStatistics: Sendable {
    /// The topics.
    public let topics: TopicStatistics
    /// The subscriptions to each topic or pattern that has any.
    public let channels: [(pattern: TopicPattern, subscribers: Int)]
}

/// What a subscriber missed.
public struct Recovery: Sendable, Equatable {
    /// The publications in order of their offsets.
    public let publications: [Publication]
    /// The position of the topic.
    public let position: Position
    /// False when the asked position is of another epoch or ahead of the topic, or when publications after it have left
    /// the history.
    public let isComplete: Bool
    /// Whether the history holds more than the limit let through.
    public let hasMore: Bool
}

/// What a publisher gets: the message is published, and if its topic is durable, stored.
public struct Receipt: Sendable, Hashable {
    /// Where it stands in the topic.
    public let position: Position
    /// How many subscriptions of this node it is for.
    public let targeted: Int
    /// Whether it was published before under the same idempotency key; nothing was sent then.
    public let isDuplicate: Bool

    /// A receipt.
    public init(position: Position, targeted: Int, isDuplicate: Bool) {
        self.position = position
        self.targeted = targeted
        self.isDuplicate = isDuplicate
    }
}

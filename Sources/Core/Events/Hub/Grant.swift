/// What a subscription begins with, taken at one moment: everything after it will be delivered, nothing before it.
struct Grant: Sendable {
    /// The room to sit in.
    let room: Int
    /// The last delivery that was made before.
    var serial: UInt64
    /// The topic's position; nil for patterns.
    let position: Position?
    /// What the subscriber missed and memory holds, if it asked.
    let recovery: Recovery?
    /// What it missed before that and only the topic's log holds.
    let stored: ClosedRange<UInt64>?
    /// The topic's keyed state, if it asked.
    let snapshot: StateSnapshot?
}

/// What a subscriber asks for.
public struct SubscriptionRequest: Sendable {
    /// The topics.
    public var pattern: TopicPattern
    /// The last position that the subscriber knows; what came later is sent first.
    public var since: Position?
    /// Whether messages are to carry topic, offset and epoch.
    public var isPositioned = false
    /// Whether the topic's keyed state is sent first.
    public var wantsState = false
    /// Whether the subscriber becomes a member of the topic and hears of others who come and go.
    public var wantsPresence = false
    /// Which messages are wanted; nil means all.
    public var filter: Filter?

    /// A request for all messages of the topics from now on.
    public init(_ pattern: TopicPattern) {
        self.pattern = pattern
    }
}

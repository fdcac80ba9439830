/// What a subscriber in this process reads: the events of its topics in order.
///
/// A reader that falls behind by more than the subscription's capacity loses the oldest ones; `Event.missed` tells how
/// many. The subscription ends when the last reference to it goes.
public final class EventSubscription: AsyncSequence, Sendable {
    /// The position of the topic when the subscription began; nil for patterns.
    public let position: Position?
    /// False when events since the asked position were no longer there.
    public let isComplete: Bool
    private let reader: EventReader
    private let pattern: TopicPattern
    private let hub: EventHub

    init(hub: EventHub, pattern: TopicPattern, reader: EventReader, position: Position?, isComplete: Bool) {
        self.hub = hub
        self.pattern = pattern
        self.reader = reader
        self.position = position
        self.isComplete = isComplete
    }

    deinit {
        hub.end(pattern, reader)
    }

    /// Reads the events. One task at a time may read.
    public func makeAsyncIterator() -> Iterator { Iterator(subscription: self) }

    /// Reads the events of a subscription.
    public struct Iterator: AsyncIteratorProtocol {
        let subscription: EventSubscription

        /// The next event; nil when the task is cancelled or the hub has stopped.
        public mutating func next() async -> Event? { await subscription.reader.next() }
    }
}

/// What a subscriber in this process reads: the events of its topics in order.
///
/// A reader that falls behind by more than the subscription's capacity loses the oldest ones; `Event.missed` tells how
/// many. What was missed before and only a durable topic's log holds is read from there, a page at a time, when it is asked
/// for. The subscription ends when the last reference to it goes.
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

    /// Reads the events. When several tasks read a subscription each event goes to one of them.
    public func makeAsyncIterator() -> Iterator { Iterator(subscription: self) }

    /// Reads the events of a subscription.
    public struct Iterator: AsyncIteratorProtocol {
        let subscription: EventSubscription

        /// The next event; nil when the task is cancelled or the hub has stopped.
        public mutating func next() async -> Event? { await subscription.next() }
    }

    private func next() async -> Event? {
        while true {
            switch reader.step() {
            case .event(let event): return event
            case .ended: return nil
            case .load(let range):
                reader.loaded(await load(range), of: range)
                guard !Task.isCancelled else { return nil }
            case .wait:
                await reader.wait()
                guard !Task.isCancelled else { return nil }
            }
        }
    }

    /// The beginning of what only the log holds; nothing when it has gone or cannot be read, nil when the task is cancelled.
    private func load(_ range: ClosedRange<UInt64>) async -> [Event]? {
        guard case .exact(let topic) = pattern, let position else { return [] }
        do {
            let page = try await hub.read(LogRequest(topic: topic, epoch: position.epoch, offsets: range))
            return page.map { Event($0, topic: topic, epoch: position.epoch) }
        } catch {
            return Task.isCancelled ? nil : []
        }
    }
}

public import NIOCore
public import WebSocket

/// A connection as the hub sees it: somebody with an identifier who takes messages. Loop-bound.
public final class Subscriber {
    /// Its identifier, which every message to it carries.
    public let id: ConnectionID
    /// The connection.
    public let connection: WebSocketConnection
    /// Its seats, by what it has subscribed to.
    var seats: [(pattern: TopicPattern, seat: Seat)] = []
    /// Its seat among all connections.
    var lobbySeat: Seat?
    /// The last delivery that a demanding seat got, so that each comes only once when several subscriptions match.
    var lastSerial: UInt64 = 0
    /// Frames for this subscriber alone that leave at the end of the tick.
    var pending = PendingFrames()

    /// Somebody at the other end of `connection`.
    public init(id: ConnectionID, connection: WebSocketConnection) {
        self.id = id
        self.connection = connection
    }

    /// The patterns it has subscribed to.
    public var subscriptions: [TopicPattern] { seats.map(\.pattern) }

    /// How many patterns it has subscribed to.
    public var subscriptionCount: Int { seats.count }

    /// Whether it has subscribed to exactly this pattern.
    public func follows(_ pattern: TopicPattern) -> Bool { seats.contains { $0.pattern == pattern } }

    /// Its seat for a pattern, if it has one.
    func seat(for pattern: TopicPattern) -> Seat? { seats.first { $0.pattern == pattern }?.seat }

    /// Whether a message could reach it by two of its subscriptions.
    var hasOverlap: Bool {
        guard seats.count > 1 else { return false }
        return seats.contains { if case .exact = $0.pattern { false } else { true } }
    }

    /// Sends a message that is encoded with room for an identifier.
    @discardableResult
    public func send(_ envelope: EncodedEnvelope) -> SendOutcome {
        connection.send(.text(envelope.text(for: id)))
    }

    /// Answers the subscriber, with a message that is encoded with room for an identifier. An answer finds room whatever
    /// waits.
    @discardableResult
    public func answer(_ envelope: EncodedEnvelope) -> SendOutcome {
        answer(envelope.text(for: id))
    }

    /// Answers the subscriber with a text.
    @discardableResult
    public func answer(_ text: ByteBuffer) -> SendOutcome {
        connection.answer(.text(text))
    }

    /// Answers the subscriber with many messages at once; returns what became of the last.
    @discardableResult
    public func answer(_ envelopes: [EncodedEnvelope]) -> SendOutcome {
        guard connection.takesPlainFrames else {
            return envelopes.reduce(SendOutcome.sent) { _, envelope in answer(envelope) }
        }
        var frames = ByteBuffer()
        for envelope in envelopes { envelope.writeFrame(for: id, into: &frames) }
        return connection.reply(frames)
    }
}

@available(*, unavailable)
extension Subscriber: Sendable {}

extension SendOutcome {
    /// Whether the frames will reach the peer, if it goes on reading.
    var isAccepted: Bool {
        switch self {
        case .sent, .queued: true
        case .queuedDropping, .dropped, .overflowed, .closed: false
        }
    }
}

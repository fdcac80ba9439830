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
    var pending = ByteBuffer()
    var pendingIsDroppable = true

    /// Somebody at the other end of `connection`.
    public init(id: ConnectionID, connection: WebSocketConnection) {
        self.id = id
        self.connection = connection
    }

    /// The patterns it has subscribed to.
    public var subscriptions: [TopicPattern] { seats.map(\.pattern) }

    /// Whether a message could reach it by two of its subscriptions.
    var hasOverlap: Bool {
        guard seats.count > 1 else { return false }
        return seats.contains { if case .exact = $0.pattern { false } else { true } }
    }

    /// Sends a message that is encoded with room for an identifier.
    @discardableResult
    public func send(_ envelope: EncodedEnvelope) -> SendOutcome {
        send(envelope.text(for: id))
    }

    /// Sends a text.
    @discardableResult
    public func send(_ text: ByteBuffer) -> SendOutcome {
        connection.send(.text(text))
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

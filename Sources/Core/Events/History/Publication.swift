public import NIOCore

/// One numbered message of a topic.
public struct Publication: Sendable, Equatable {
    /// The number in the topic's history, 1 for the first.
    public let offset: UInt64
    /// What kind of message it is; normally the raw value of an `EventType`.
    public let type: String
    /// The payload: a JSON object without spaces.
    public let data: ByteBuffer
    /// When it was published.
    public let timestamp: Timestamp
    /// The entry of the topic's keyed state that it replaces or removes, if any.
    public let stateKey: String?
    /// Whether it removes the entry of its state key.
    public let isRemoval: Bool

    /// A publication with a number given elsewhere; `TopicState.publish(_:now:)` makes and numbers new ones.
    public init(
        offset: UInt64,
        type: String,
        data: ByteBuffer,
        timestamp: Timestamp,
        stateKey: String? = nil,
        isRemoval: Bool = false
    ) {
        self.offset = offset
        self.type = type
        self.data = data
        self.timestamp = timestamp
        self.stateKey = stateKey
        self.isRemoval = isRemoval
    }

    /// About how many bytes of memory it takes.
    public var size: Int {
        data.readableBytes + type.utf8.count + (stateKey?.utf8.count ?? 0) + Self.overhead
    }

    /// The value itself with its place in the history and the head of the payload's storage.
    private static let overhead = 192
}

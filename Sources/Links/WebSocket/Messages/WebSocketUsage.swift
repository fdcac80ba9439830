/// What a peer has sent, as far as it makes work.
public struct WebSocketUsage: Sendable, Equatable {
    /// Messages, control frames that were not asked for, and parts of messages that are smaller than 1 KiB.
    public var messages: Int
    /// Bytes of payload, decompressed ones where there is compression.
    public var bytes: Int

    /// A usage.
    public init(messages: Int = 0, bytes: Int = 0) {
        self.messages = messages
        self.bytes = bytes
    }

    /// Whether there is nothing to count.
    public var isEmpty: Bool { messages == 0 && bytes == 0 }
}

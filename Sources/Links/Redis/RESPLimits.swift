/// What one reply of the server may be at most; beyond it the connection is closed.
public struct RESPLimits: Sendable, Equatable {
    /// Bytes of one bulk value: 1 to 512 MiB.
    public let bulkBytes: Int
    /// Bytes of one whole reply with everything in it: `bulkBytes` to 1 GiB.
    public let replyBytes: Int
    /// Elements of one whole reply, those of nested arrays included: 1 to 1,000,000.
    public let elements: Int
    /// Aggregates inside each other: 1 to 16.
    public let depth: Int

    /// Limits; values outside their range are moved to its nearest end.
    public init(
        bulkBytes: Int = 64 << 20,
        replyBytes: Int = 256 << 20,
        elements: Int = 1_000_000,
        depth: Int = 16
    ) {
        self.bulkBytes = min(max(1, bulkBytes), 512 << 20)
        self.replyBytes = min(max(self.bulkBytes, replyBytes), 1 << 30)
        self.elements = min(max(1, elements), 1_000_000)
        self.depth = min(max(1, depth), 16)
    }

    /// Bytes of a line: a type mark with a number, a simple text or an error.
    let lineBytes = 64 << 10
}

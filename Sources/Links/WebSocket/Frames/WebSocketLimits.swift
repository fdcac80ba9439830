/// How much a peer may send. What exceeds a limit closes the connection with 1009.
public struct WebSocketLimits: Sendable, Equatable {
    /// The largest payload of one frame as it comes over the wire, in bytes, at least 125.
    public let maxFrameBytes: Int
    /// The largest message, all fragments together and after decompression, in bytes, at least 125.
    public let maxMessageBytes: Int

    /// Limits; by default 1 MiB for a frame and for a message.
    public init(maxFrameBytes: Int = 1 << 20, maxMessageBytes: Int = 1 << 20) {
        // A buffer counts its bytes in 32 bits and needs some room to grow.
        let range = 125...Int(UInt32.max / 4)
        self.maxFrameBytes = min(max(maxFrameBytes, range.lowerBound), range.upperBound)
        self.maxMessageBytes = min(max(maxMessageBytes, range.lowerBound), range.upperBound)
    }
}

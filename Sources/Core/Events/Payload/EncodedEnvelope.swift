public import NIOCore

/// A message ready for the wire but for the recipient's identifier.
public struct EncodedEnvelope: Sendable, Equatable {
    /// The text of the message; its readable bytes begin at index 0.
    public let bytes: ByteBuffer
    /// Where the 36 bytes of `connection_id` begin in `bytes`; they are zeros of a UUID until replaced.
    public let idOffset: Int
}

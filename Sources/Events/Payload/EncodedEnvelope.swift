public import NIOCore

/// A message ready for the wire but for the recipient's identifier.
public struct EncodedEnvelope: Sendable, Equatable {
    /// Bytes of a connection's identifier: a UUID as text.
    public static let identifierLength = 36

    /// The text of the message; its readable bytes begin at index 0.
    public let bytes: ByteBuffer
    /// Where the 36 bytes of `connection_id` lie in `bytes`; they are zeros of a UUID until replaced. Nil in the variant
    /// where `connection_id` is null.
    public let idRange: Range<Int>?

    /// The message for one connection. The bytes are copied; when `id` has other than 36 bytes, or when there is no place
    /// for it, they stay as they are.
    public func identified(as id: String) -> ByteBuffer {
        guard let idRange, id.utf8.count == idRange.count else { return bytes }
        var copy = bytes
        copy.setString(id, at: idRange.lowerBound)
        return copy
    }
}

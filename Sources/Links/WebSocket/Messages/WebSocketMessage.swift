public import NIOCore

/// A whole message, all fragments together and decompressed.
public enum WebSocketMessage: Sendable, Equatable {
    /// Text: the bytes are UTF-8 and have been checked when the message was received.
    case text(ByteBuffer)
    /// Any bytes.
    case binary(ByteBuffer)

    /// The bytes of either kind.
    public var payload: ByteBuffer {
        switch self {
        case .text(let payload), .binary(let payload): payload
        }
    }

    var opcode: Opcode {
        switch self {
        case .text: .text
        case .binary: .binary
        }
    }
}

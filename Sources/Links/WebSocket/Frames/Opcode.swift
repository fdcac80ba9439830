/// What a frame carries (RFC 6455, section 5.2). Values not listed here are reserved and end the connection.
public enum Opcode: UInt8, Sendable {
    /// More of the message that an earlier frame began.
    case continuation = 0
    /// The first frame of a text message.
    case text = 1
    /// The first frame of a binary message.
    case binary = 2
    /// The close handshake.
    case close = 8
    /// A question whether the peer is alive.
    case ping = 9
    /// The answer to a ping, or an unasked sign of life.
    case pong = 10

    /// Whether this is a control frame: at most 125 bytes, never fragmented, allowed between fragments.
    public var isControl: Bool { rawValue >= 8 }
}

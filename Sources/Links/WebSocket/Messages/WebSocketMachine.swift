import NIOCore
public import Resilience

/// The protocol state of one connection: framing, masking, fragmentation, UTF-8, control frames, the close handshake
/// and compression. It has no clock and does no input or output.
///
/// Bytes go in with ``receive(_:)``, actions come out of ``next()``. Payload is unmasked, inflated and checked as it
/// comes, whatever the pieces, so a wrong byte ends the connection when it arrives and not when its frame is complete.
/// While no frame or fragmented message is in progress the machine holds no memory but its own, unless compression with
/// context takeover was agreed on.
///
/// A machine is a value with one owner: copies would share its compressors.
public struct WebSocketMachine {
    enum Phase {
        /// Messages flow in both directions.
        case open
        /// Our close frame is sent and the peer's is awaited; its data is checked for form and thrown away.
        case closing
        /// Both are done, or a violation ended the connection.
        case closed
    }

    /// The data frame whose payload is being taken.
    struct FrameInProgress {
        var remaining: Int
        var isFinal: Bool
        /// The masking key for the next byte.
        var maskKey: UInt32
    }

    /// The message that data frames are adding to.
    struct MessageInProgress {
        var isText: Bool
        var isCompressed: Bool
        var utf8 = UTF8Validator()
        var payload = ByteBuffer()
    }

    /// Which end of the connection this is.
    public let role: Role
    /// How much the peer may send.
    public let limits: WebSocketLimits
    /// What was agreed on about compression; nil when there is none.
    public let compression: CompressionParameters?

    var phase = Phase.open
    /// Pings that were sent and not answered yet.
    var owedPongs: UInt8 = 0
    /// What there was too much of.
    var excess: RateLimit.Excess?
    /// What has been received and not been looked at, at most an unfinished header or control frame after `next()` has
    /// returned nil.
    var input = ByteBuffer()
    var frame: FrameInProgress?
    var message: MessageInProgress?
    var inflater: Inflater?
    var deflater: Deflater?

    /// How much the peer may send; nil for any amount.
    var rate: RateLimit?
    /// The time, in nanoseconds.
    var now: Int64 = 0
    /// What the peer has sent and nobody has asked for yet.
    var usage = WebSocketUsage()
    /// A machine for a connection whose handshake is done. A peer that sends more than `rates` makes it say so; it has to
    /// be told the time then.
    public init(
        role: Role,
        limits: WebSocketLimits = WebSocketLimits(),
        compression: CompressionParameters? = nil,
        rates: RateLimit.Rates? = nil
    ) {
        self.role = role
        self.limits = limits
        self.compression = compression
        rate = rates.map { RateLimit($0, now: 0) }
    }

    /// Whether the close handshake has begun: nothing more can be sent, and no message will be delivered.
    public var isClosing: Bool { phase != .open }

    /// Whether the connection is over for the machine.
    public var isClosed: Bool { phase == .closed }

    /// Gives up everything held for messages, because none will be delivered or sent any more.
    mutating func release() {
        message?.payload = ByteBuffer()
        inflater = nil
        deflater = nil
    }
}

public import Resilience

/// How the connections of a server or client behave.
public struct WebSocketOptions: Sendable {
    /// The largest frame and message that is accepted.
    public var limits = WebSocketLimits()
    /// How much the peer may send in a second; nil for any amount. More closes the connection with 4429.
    public var rates: RateLimit.Rates?
    /// Whether permessage-deflate is offered and accepted, and how; nil means that messages are never compressed.
    public var compression: CompressionOptions?
    /// How long the peer may be silent before it is asked whether it is still there (by a ping).
    public var pingInterval: Duration = .seconds(20)
    /// How long the peer may then stay silent before the connection is given up.
    public var pingTimeout: Duration = .seconds(20)
    /// How many bytes may wait for a peer that reads too slowly.
    public var queueBytes = 1_048_576
    /// How long the peer may take to answer a close frame, and to read what was sent before it.
    public var closeTimeout: Duration = .seconds(5)

    /// The standard options.
    public init() {}
}

public import NIOCore

/// Keeps the bytes that an HTTP decoder passes on when it leaves: what the peer has sent behind the opening handshake.
public final class LeftoverCollector: ChannelInboundHandler, RemovableChannelHandler {
    /// What the decoder passes on.
    public typealias InboundIn = ByteBuffer

    /// The bytes so far; nil if there are none.
    public private(set) var bytes: ByteBuffer?

    /// A collector, to be put behind the decoder.
    public init() {}

    /// Takes bytes.
    public func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var more = unwrapInboundIn(data)
        bytes.setOrWriteBuffer(&more)
    }
}

@available(*, unavailable)
extension LeftoverCollector: Sendable {}

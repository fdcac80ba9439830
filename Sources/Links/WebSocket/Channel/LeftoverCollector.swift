public import NIOCore

/// Keeps the bytes that an HTTP decoder passes on when it leaves: what the peer has sent behind the opening handshake.
public final class LeftoverCollector: ChannelInboundHandler, RemovableChannelHandler {
    /// What the decoder passes on: bytes, or parts of HTTP messages if it is not done.
    public typealias InboundIn = Any

    /// The bytes so far; nil if there are none.
    public private(set) var bytes: ByteBuffer?
    /// Whether the decoder went on to understand what came behind the handshake, so that bytes are missing.
    public private(set) var isIncomplete = false

    /// A collector, to be put behind the decoder.
    public init() {}

    /// Takes bytes.
    public func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .byteBuffer(var more)? = unwrapInboundIn(data) as? IOData else {
            isIncomplete = true
            return
        }
        bytes.setOrWriteBuffer(&more)
    }
}

@available(*, unavailable)
extension LeftoverCollector: Sendable {}

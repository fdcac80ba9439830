public import NIOCore

/// A connected socket taken out of the channel that did the opening handshake.
///
/// The channel of an HTTP connection carries decoders, a task and buffers that a WebSocket has no use for. So the socket
/// moves to a channel of its own, and the HTTP connection ends with all it holds.
public struct UpgradedSocket: ~Copyable {
    /// The loop of the HTTP connection; the WebSocket stays there.
    public let eventLoop: any EventLoop
    /// What the client has sent already behind its request.
    let leftovers: ByteBuffer?
    private var descriptor: CInt

    /// Takes the socket of a channel. Nil if the channel has none of its own (TLS) or there are too many open files.
    ///
    /// To be called on the channel's event loop, when all that the handshake had to say is written. The channel is
    /// closed. `leftovers` is what it has read and not understood.
    public init?(takenFrom context: ChannelHandlerContext, leftovers: ByteBuffer?) {
        let found = try? context.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: CInt.self) { $0.duplicated }
        guard let descriptor = found, descriptor >= 0 else { return nil }
        eventLoop = context.eventLoop
        self.leftovers = leftovers
        self.descriptor = descriptor
        context.close(promise: nil)
    }

    deinit {
        if descriptor >= 0 { descriptor.closeDescriptor() }
    }

    /// Gives the descriptor away, with the duty to close it.
    consuming func release() -> CInt {
        let released = descriptor
        descriptor = -1
        return released
    }
}

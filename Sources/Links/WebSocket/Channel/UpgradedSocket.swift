public import NIOCore

/// A connected socket taken out of the channel that did the opening handshake.
///
/// The channel of an HTTP connection carries decoders, a task and buffers that a WebSocket has no use for. So the socket
/// moves to a channel of its own, and the HTTP connection ends with all it holds. An encrypted connection cannot move, because
/// the state of TLS cannot; its channel is given away when all but the handler of TLS has left it.
public struct UpgradedSocket: ~Copyable {
    /// What is given away.
    enum Carrier {
        case descriptor(CInt)
        case encrypted(any Channel)
    }

    /// The loop of the HTTP connection; the WebSocket stays there.
    public let eventLoop: any EventLoop
    /// What the client has sent already behind its request.
    let leftovers: ByteBuffer?
    private var carrier: Carrier?

    /// Takes the socket of a channel. Nil if the channel has none of its own or there are too many open files.
    ///
    /// To be called on the channel's event loop, when all that the handshake had to say is written. The channel is
    /// closed. `leftovers` is what it has read and not understood.
    public init?(takenFrom context: ChannelHandlerContext, leftovers: ByteBuffer?) {
        let found = try? context.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: CInt.self) { $0.duplicated }
        guard let descriptor = found, descriptor >= 0 else { return nil }
        eventLoop = context.eventLoop
        self.leftovers = leftovers
        carrier = .descriptor(descriptor)
        context.close(promise: nil)
    }

    /// The connection of a channel that encrypts and has no other handlers any more.
    ///
    /// To be called on the channel's event loop, in the same turn of it in which the WebSocket is made. `leftovers` is what
    /// was read and not understood.
    public init(encrypted channel: any Channel, leftovers: ByteBuffer?) {
        eventLoop = channel.eventLoop
        self.leftovers = leftovers
        carrier = .encrypted(channel)
    }

    deinit {
        switch carrier {
        case .descriptor(let descriptor): descriptor.closeDescriptor()
        case .encrypted(let channel): channel.close(promise: nil)
        case nil: break
        }
    }

    /// Gives away what there is, with the duty to close it.
    consuming func release() -> Carrier? {
        let released = carrier
        carrier = nil
        return released
    }
}

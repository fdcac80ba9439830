import NIOCore
import Synchronization
import WebSocket

/// The channel of the requests that a TLS connection carries.
///
/// Whoever handles requests holds on to a channel until it is closed. A WebSocket goes on when the requests of its
/// connection are over, and it cannot take the socket elsewhere, because the state of TLS stays with its handler. So the
/// requests have a channel of their own inside that of the connection. It is active when the handshake is done, and
/// closed with the connection, or before it when a WebSocket takes that over.
// Unchecked because the pipeline is made before anybody else has the channel, and the link belongs to the event loop.
final class DecryptedChannel: Channel, ChannelCore, @unchecked Sendable {
    /// The channel of the TLS connection.
    let connection: any Channel
    private(set) lazy var pipeline = ChannelPipeline(channel: self)
    private let closePromise: EventLoopPromise<Void>
    private let activity = Atomic(false)
    /// The handler in the connection's pipeline; nil when this channel is closed.
    private var link: DecryptedChannelLink?
    private var isInputClosed = false

    /// The channel for the requests of `connection`, to be made on its event loop.
    init(in connection: any Channel) {
        self.connection = connection
        closePromise = connection.eventLoop.makePromise()
        _ = pipeline
    }

    // MARK: What the connection knows

    var eventLoop: any EventLoop { connection.eventLoop }
    var allocator: ByteBufferAllocator { connection.allocator }
    var localAddress: SocketAddress? { connection.localAddress }
    var remoteAddress: SocketAddress? { connection.remoteAddress }
    var parent: (any Channel)? { connection }
    var isWritable: Bool { connection.isWritable }
    var syncOptions: (any NIOSynchronousChannelOptions)? { connection.syncOptions }

    func setOption<Option: ChannelOption>(_ option: Option, value: Option.Value) -> EventLoopFuture<Void> {
        connection.setOption(option, value: value)
    }

    func getOption<Option: ChannelOption>(_ option: Option) -> EventLoopFuture<Option.Value> {
        connection.getOption(option)
    }

    func localAddress0() throws -> SocketAddress { try connection._channelCore.localAddress0() }
    func remoteAddress0() throws -> SocketAddress { try connection._channelCore.remoteAddress0() }

    // MARK: Life

    var closeFuture: EventLoopFuture<Void> { closePromise.futureResult }
    var isActive: Bool { activity.load(ordering: .acquiring) }
    var _channelCore: any ChannelCore { self }

    /// The link is in the connection's pipeline.
    func attach(_ link: DecryptedChannelLink) {
        self.link = link
    }

    /// The handshake is done.
    func activate() {
        guard link != nil, !isActive else { return }
        activity.store(true, ordering: .releasing)
        pipeline.fireChannelActive()
    }

    /// The connection is closed or taken over.
    func end() {
        guard link != nil else { return }
        link = nil
        if activity.exchange(false, ordering: .acquiringAndReleasing) { pipeline.fireChannelInactive() }
        // Not while handlers of the pipeline are still at work.
        eventLoop.execute { [self] in
            removeHandlers(pipeline: pipeline)
            closePromise.succeed()
        }
    }

    /// Closes this channel and gives the connection away, still encrypted, for a WebSocket; nil if it has ended. To be
    /// called on the event loop when all that the handshake had to say is written. `leftovers` is what was read and not
    /// understood.
    func handOver(leftovers: ByteBuffer?) -> UpgradedSocket? {
        guard let link, connection.isActive else { return nil }
        link.leave()
        return UpgradedSocket(encrypted: connection, leftovers: leftovers)
    }

    // MARK: What the pipeline asks for

    func write0(_ data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard let context = link?.context else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        context.write(data, promise: promise)
    }

    func flush0() { link?.context?.flush() }

    func read0() { link?.context?.read() }

    func close0(error: any Error, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard let link, let context = link.context else {
            promise?.fail(ChannelError.alreadyClosed)
            return
        }
        switch mode {
        case .all:
            if let promise { connection.closeFuture.cascade(to: promise) }
            link.close()
        case .output: context.close(mode: .output, promise: promise)
        case .input:
            promise?.succeed()
            guard !isInputClosed else { return }
            isInputClosed = true
            link.discards = true
            context.read()
            pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        }
    }

    func register0(promise: EventLoopPromise<Void>?) { promise?.fail(ChannelError.operationUnsupported) }
    func bind0(to: SocketAddress, promise: EventLoopPromise<Void>?) { promise?.fail(ChannelError.operationUnsupported) }
    func connect0(to: SocketAddress, promise: EventLoopPromise<Void>?) {
        promise?.fail(ChannelError.operationUnsupported)
    }
    func triggerUserOutboundEvent0(_ event: Any, promise: EventLoopPromise<Void>?) {
        promise?.fail(ChannelError.operationUnsupported)
    }

    // What no handler has wanted.
    func channelRead0(_ data: NIOAny) {}
    func errorCaught0(error: any Error) {}
}

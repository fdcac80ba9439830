public import NIOCore

/// One WebSocket on its event loop: carries out what `WebSocketMachine` decides, and tells its delegate.
///
/// It is the last handler of its channel. All members are to be used on the event loop.
public final class WebSocketConnection: ChannelInboundHandler {
    /// What the channel reads.
    public typealias InboundIn = ByteBuffer
    /// What the channel writes.
    public typealias OutboundOut = ByteBuffer

    var machine: WebSocketMachine
    var keepAlive: KeepAlive
    var delegate: (any WebSocketDelegate)?
    private var makeDelegate: ((WebSocketConnection) -> any WebSocketDelegate)?
    /// Its place among the server's connections, given back with the connection.
    private let admission: Admission?
    let group: WebSocketGroup
    var context: ChannelHandlerContext?
    var channel: (any Channel)?
    /// The socket, if it may be written to directly; negative if not.
    var descriptor: CInt = -1
    private let writesDirectly: Bool
    /// What waits for the peer to read.
    var queue: OutboundQueue
    /// Whether the channel has bytes that the kernel has not taken.
    var isBlocked = false { didSet { updateSlot() } }
    /// Its slot among the sockets of its loop; negative until it is open.
    public internal(set) var slot: Int32 = -1
    /// Whether bytes are being handed to the kernel or the channel.
    var isTransmitting = false
    /// What is done when all is written; nil while the connection goes on.
    var ending: Ending?
    /// Whether reading is paused until the peer has read what waits for it.
    var isPausedByQueue = false
    /// Whether the loop's other connections have their turn.
    var isYielding = false
    /// Whether this side has cut the connection off.
    var isCutOff = false
    /// Whether reading is paused until the delegate wants more.
    var isPausedByReader = false
    /// Bytes of the channel that the kernel had not taken at the last tick.
    private var unreadBytes = 0
    /// Its place among the connections of its group.
    var place = -1
    /// When the connection is cut off, if it is closing.
    var closeDeadline: NIODeadline?
    var closing: (code: CloseCode, reason: String)?

    /// A connection whose delegate is made by `makeDelegate` once it is open. One that `writesDirectly` has no handlers
    /// between itself and the socket.
    init(
        role: Role,
        options: WebSocketOptions,
        compression: CompressionParameters?,
        group: WebSocketGroup,
        writesDirectly: Bool,
        admission: Admission? = nil,
        makeDelegate: @escaping (WebSocketConnection) -> any WebSocketDelegate
    ) {
        machine = WebSocketMachine(
            role: role,
            limits: options.limits,
            compression: compression,
            rates: options.rates
        )
        keepAlive = KeepAlive(
            interval: TimeAmount(options.pingInterval),
            timeout: TimeAmount(options.pingTimeout),
            now: .now()
        )
        queue = OutboundQueue(maxBytes: options.queueBytes)
        takesPlainFrames = role == .server && compression == nil
        self.writesDirectly = writesDirectly
        self.admission = admission
        self.group = group
        self.makeDelegate = makeDelegate
    }

    /// The event loop that it lives on.
    public var eventLoop: any EventLoop { group.eventLoop }
    /// The sockets of its loop that take bytes at once; its own is in ``slot``, which another connection gets when the
    /// delegate knows of the end of this one.
    public var sockets: DirectSockets { group.sockets }
    /// Whether frames can still be sent.
    public var isOpen: Bool { context != nil && !machine.isClosing }
    /// Whether frames can be sent as they are to every peer: no compression and no masks.
    public let takesPlainFrames: Bool
    /// Bytes that wait for the peer to read.
    public var queuedBytes: Int { queue.bytes }
    /// Frames that were dropped because the peer reads too slowly.
    public var droppedFrames: Int { queue.dropped }
    var channelIsActive: Bool { channel?.isActive ?? false }

    /// Sends a message.
    @discardableResult
    public func send(_ message: WebSocketMessage) -> SendOutcome {
        guard context != nil, let frame = machine.frame(message) else { return .closed }
        return write(frame)
    }

    /// Sends a message that answers the peer. It finds room whatever waits: a peer that does not read its answers is not
    /// read from any more.
    @discardableResult
    public func answer(_ message: WebSocketMessage) -> SendOutcome {
        guard context != nil, let frame = machine.frame(message) else { return .closed }
        return reply(frame)
    }

    /// What the peer has sent and neither this call nor the delegate has told of yet.
    public func takeUsage() -> WebSocketUsage { machine.takeUsage() }

    /// Gives up what waits for the peer to read. With compression the peer can make nothing of later messages then, so only
    /// closing may follow.
    public func discardQueue() {
        queue.removeAll()
    }

    /// The peer reads too slowly.
    func overflowed() {
        delegate?.webSocketDidOverflow(self)
    }

    /// A peer that goes on reading gives a sign of life, and one that is not read from cannot give any, unless something
    /// waits for it to read.
    private func noteProgress(_ now: NIODeadline) {
        let unread = isBlocked ? channel?.syncOptions.flatMap { try? $0.getOption(.bufferedWritableBytes) } ?? 0 : 0
        if isPausedByReader && !isBlocked || unread < unreadBytes { keepAlive.heard(now) }
        unreadBytes = unread
    }

    /// The peer goes on reading.
    func progressed() {
        keepAlive.heard(group.now)
    }

    /// The peer has read all that waited.
    func drained() {
        guard ending == nil else { return end() }
        resumeWhenReadable()
        delegate?.webSocketDidDrain(self)
    }

    /// The server shuts down.
    func farewell(_ code: CloseCode, reason: String) {
        delegate?.webSocket(self, shouldCloseWith: code, reason: reason)
    }

    /// Looks at the clock; called by the group about once a second.
    func tick(_ now: NIODeadline) {
        if let closeDeadline {
            if now >= closeDeadline { abort() }
            return
        }
        guard isOpen else { return }
        noteProgress(now)
        switch keepAlive.tick(now) {
        case .wait: break
        case .ping:
            if let ping = machine.ping(ByteBuffer()) { _ = write(ping) }
        case .dead: lost()
        }
    }

    /// When something was heard from the peer, to the second.
    var lastHeard: NIODeadline { keepAlive.lastHeard }

    /// Nothing was heard from the peer for too long.
    func lost() {
        guard isOpen else { return }
        delegate?.webSocketDidLosePeer(self)
    }

    // MARK: The channel

    /// Takes its place in the pipeline.
    public func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { open(context) }
    }

    /// The socket is registered.
    public func channelActive(context: ChannelHandlerContext) {
        open(context)
    }

    private func open(_ context: ChannelHandlerContext) {
        guard let makeDelegate else { return }
        self.makeDelegate = nil
        channel = context.channel
        slot = group.sockets.take()
        if writesDirectly {
            let found = try? context.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: CInt.self) { $0 }
            descriptor = found ?? -1
            updateSlot()
        }
        let farewell = group.add(self)
        let delegate = makeDelegate(self)
        self.delegate = delegate
        delegate.webSocketDidOpen(self)
        if let farewell { self.farewell(farewell.code, reason: farewell.reason) }
    }

    /// Bytes came in.
    public func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        receive(unwrapInboundIn(data))
    }

    /// Takes bytes of the peer.
    func receive(_ bytes: ByteBuffer) {
        // An encrypted connection goes on reading until both sides have agreed to its end.
        guard !isCutOff else { return }
        keepAlive.heard(.now())
        machine.receive(bytes)
        process()
    }

    /// The peer ended its sending.
    public func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed {
            processRest()
            abort()
        }
        context.fireUserInboundEventTriggered(event)
    }

    /// The socket failed.
    public func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    /// The socket is closed.
    public func channelInactive(context: ChannelHandlerContext) {
        processRest()
        retire()
        context.fireChannelInactive()
    }

    /// It leaves the pipeline.
    public func handlerRemoved(context: ChannelHandlerContext) {
        retire()
    }

    /// Notes whether bytes may go straight to the socket.
    func updateSlot() {
        guard slot >= 0 else { return }
        group.sockets[slot] = isOpen && !isBlocked ? descriptor : -1
    }
}

@available(*, unavailable)
extension WebSocketConnection: Sendable {}

public import NIOCore

/// One WebSocket on its event loop: carries out what `WebSocketMachine` decides, and tells its delegate.
///
/// It is the last handler of its channel. All members are to be used on the event loop.
public final class WebSocketConnection: ChannelInboundHandler {
    /// What the channel reads.
    public typealias InboundIn = ByteBuffer
    /// What the channel writes.
    public typealias OutboundOut = ByteBuffer

    /// The most messages of one connection that are carried out in a row.
    private static let longestTurn = 128

    private var machine: WebSocketMachine
    private var keepAlive: KeepAlive
    private var delegate: (any WebSocketDelegate)?
    private var makeDelegate: ((WebSocketConnection) -> any WebSocketDelegate)?
    /// Its place among the server's connections, given back with the connection.
    private let admission: Admission?
    private let group: WebSocketGroup
    private(set) var context: ChannelHandlerContext?
    private var channel: (any Channel)?
    /// The socket, if it may be written to directly; negative if not.
    private(set) var descriptor: CInt = -1
    private let writesDirectly: Bool
    /// What waits for the peer to read.
    var queue: OutboundQueue
    /// Whether the channel has bytes that the kernel has not taken.
    var isBlocked = false { didSet { updateSlot() } }
    /// Its slot among the sockets of its loop; negative until it is open.
    public private(set) var slot: Int32 = -1
    /// Whether bytes are being handed to the kernel or the channel.
    var isTransmitting = false
    /// How the connection ends when all is written; nil while it goes on.
    private var ending: Ending?
    /// Whether reading is paused until the peer has read what waits for it.
    private var isPausedByQueue = false
    /// Whether the loop's other connections have their turn.
    private var isYielding = false
    /// Whether reading is paused until the delegate wants more.
    private var isPausedByReader = false
    /// Its place among the connections of its group.
    var place = -1
    /// When the connection is cut off, if it is closing.
    private var closeDeadline: NIODeadline?
    private var closing: (code: CloseCode, reason: String)?

    private enum Ending {
        case cutOff
        case endSending
    }

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
        machine = WebSocketMachine(role: role, limits: options.limits, compression: compression)
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

    /// Gives up what waits for the peer to read.
    public func discardQueue() {
        queue.removeAll()
    }

    /// Begins to close; what waits is sent first. The connection is cut off when the peer does not answer within the
    /// time-out for it.
    public func close(_ code: CloseCode, reason: String = "") {
        guard context != nil, let frame = machine.close(code, reason: reason) else { return }
        closing = (code, reason)
        closeDeadline = group.closeDeadline
        updateSlot()
        putLast(frame)
    }

    /// Cuts the connection off without a word.
    public func abort() {
        context?.close(promise: nil)
    }

    /// The peer reads too slowly.
    func overflowed() {
        delegate?.webSocketDidOverflow(self)
    }

    /// The peer goes on reading, which is a sign of life.
    func progressed() {
        keepAlive.heard(group.now)
    }

    /// The peer has read all that waited.
    func drained() {
        guard ending == nil else { return end() }
        if isPausedByQueue {
            isPausedByQueue = false
            updateReading()
            process()
        }
        delegate?.webSocketDidDrain(self)
    }

    /// Goes on reading from the network, or pauses; the peer then has to wait.
    public func setReading(_ isReading: Bool) {
        isPausedByReader = !isReading
        updateReading()
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
        keepAlive.heard(.now())
        machine.receive(unwrapInboundIn(data))
        process()
    }

    /// Carries out what the received bytes lead to.
    ///
    /// A peer that asks faster than it reads the answers has to wait with its questions. While a write is under way
    /// nothing is carried out: a failing socket is read to its end in the middle of a write, and commands must not
    /// change what is being written.
    private func process() {
        guard !isTransmitting else {
            return eventLoop.assumeIsolated().execute { [self] in process() }
        }
        guard !isYielding else { return }
        var carriedOut = 0
        // What a message leads to may end the connection; the rest is for nobody then.
        while context != nil, !isCongested, let action = machine.next() {
            switch action {
            case .message(let message): delegate?.webSocket(self, didReceive: message)
            case .pong: break
            case .send(let bytes): _ = reply(bytes)
            case .close(let bytes, let code, let reason, let byPeer):
                return finish(bytes, code, reason, byPeer: byPeer)
            }
            carriedOut += 1
            if carriedOut == Self.longestTurn { return yield() }
        }
        if isCongested, !isPausedByQueue {
            isPausedByQueue = true
            updateReading()
        }
    }

    /// Lets the other connections of the loop have their turn before the next messages of this one.
    private func yield() {
        isYielding = true
        updateReading()
        eventLoop.assumeIsolated().execute { [self] in
            isYielding = false
            updateReading()
            process()
        }
    }

    /// Whether so much waits for the peer that it is to read before it asks for more.
    private var isCongested: Bool { isBlocked && queue.bytes > queue.maxBytes / 4 }

    private func updateReading() {
        try? channel?.syncOptions?.setOption(.autoRead, value: !isPausedByQueue && !isPausedByReader && !isYielding)
    }

    /// The last frame goes out. After a close by the peer that is all; after a violation the peer is given the time to
    /// read why, for a connection that is closed with bytes unread takes back what was written last.
    private func finish(_ bytes: ByteBuffer?, _ code: CloseCode, _ reason: String, byPeer: Bool) {
        if closing == nil { closing = (code, reason) }
        guard let bytes else { return abort() }
        closeDeadline = group.closeDeadline
        updateSlot()
        // What waits was meant to be read before the close frame; after a violation nothing more is owed.
        if !byPeer { queue.removeAll() }
        ending = byPeer ? .cutOff : .endSending
        putLast(bytes)
        if !isBlocked { end() }
    }

    /// Everything is written that was to be.
    private func end() {
        switch ending {
        case .cutOff: abort()
        case .endSending: context?.close(mode: .output, promise: nil)
        case nil: break
        }
    }

    /// The peer ended its sending.
    public func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed { abort() }
        context.fireUserInboundEventTriggered(event)
    }

    /// The socket failed.
    public func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    /// The socket is closed.
    public func channelInactive(context: ChannelHandlerContext) {
        retire()
        context.fireChannelInactive()
    }

    /// It leaves the pipeline.
    public func handlerRemoved(context: ChannelHandlerContext) {
        retire()
    }

    private func retire() {
        guard context != nil else { return }
        context = nil
        channel = nil
        descriptor = -1
        updateSlot()
        queue.removeAll()
        group.remove(self)
        let delegate = delegate
        self.delegate = nil
        let (code, reason) = closing ?? (.abnormal, "")
        delegate?.webSocketDidClose(self, code: code, reason: reason)
        if slot >= 0 { group.sockets.giveBack(slot) }
        slot = -1
    }

    /// Notes whether bytes may go straight to the socket.
    private func updateSlot() {
        guard slot >= 0 else { return }
        group.sockets[slot] = isOpen && !isBlocked ? descriptor : -1
    }
}

@available(*, unavailable)
extension WebSocketConnection: Sendable {}

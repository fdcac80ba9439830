import NIOCore

/// Closes a connection so that the client gets the last answer: ends the sending, and throws away what the client still
/// sends until it closes too, but no more than a certain number of bytes and for no longer than a certain time.
///
/// A socket that is closed with bytes unread is reset, and a reset takes back what the client has not read yet. It is the
/// first handler of its channel, so that nobody works on what is thrown away.
final class LingeringClose: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = NIOAny

    /// The outbound event that begins it; all that was to be sent is written by then.
    struct Begin: Sendable {}

    /// How much of what is still sent is thrown away. Clients that look for an answer only when they have sent all
    /// should get one even if their body is a good deal too large.
    static let byteLimit = 32 * 1_048_576
    /// How long the client may take to close.
    static let timeLimit = TimeAmount.seconds(3)

    private let byteLimit: Int
    private let timeLimit: TimeAmount
    private var isLingering = false
    private var bytes = 0
    private var deadline: Scheduled<Void>?

    init(byteLimit: Int = LingeringClose.byteLimit, timeLimit: TimeAmount = LingeringClose.timeLimit) {
        self.byteLimit = byteLimit
        self.timeLimit = timeLimit
    }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard event is Begin else { return context.triggerUserOutboundEvent(event, promise: promise) }
        promise?.succeed()
        guard !isLingering, context.channel.isActive else { return }
        isLingering = true
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: timeLimit) { context.close(promise: nil) }
        context.close(mode: .output, promise: nil)
        context.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard isLingering else { return context.fireChannelRead(data) }
        bytes += unwrapInboundIn(data).readableBytes
        if bytes > byteLimit { context.close(promise: nil) }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        guard isLingering else { return context.fireChannelReadComplete() }
        // Whoever handles requests may not ask for more.
        context.read()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if isLingering, let event = event as? ChannelEvent, event == .inputClosed { context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        deadline?.cancel()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        deadline?.cancel()
    }
}

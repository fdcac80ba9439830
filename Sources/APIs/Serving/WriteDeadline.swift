import NIOCore

/// Gives up clients that take nothing of what they are sent: a connection whose full buffer does not shrink for as long as
/// `limit` is closed, or it would hold its place and the work of its answer for ever.
final class WriteDeadline: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny

    private let limit: TimeAmount
    private var deadline: Scheduled<Void>?

    init(limit: Duration) {
        self.limit = TimeAmount(limit)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { stop() } else if deadline == nil { watch(context) }
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        stop()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        stop()
    }

    private func watch(_ context: ChannelHandlerContext) {
        let before = Self.buffered(context)
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: limit) { [self] in
            // One piece of sound may take longer to send than that, but some of it goes.
            if Self.buffered(context) < before { watch(context) } else { context.close(promise: nil) }
        }
    }

    private func stop() {
        deadline?.cancel()
        deadline = nil
    }

    private static func buffered(_ context: ChannelHandlerContext) -> Int {
        (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }
}

import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Closes a connection after the answer to a request that asked for an upgrade it did not get.
///
/// NIO's decoder stops after any request with an `Upgrade` header, whatever the answer, so the next request on the
/// connection would wait for ever.
final class UpgradeRefusal: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private var askedForUpgrade = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .head(let head) = unwrapInboundIn(data), head.headerFields.contains(.upgrade) {
            askedForUpgrade = true
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard askedForUpgrade else { return context.write(data, promise: promise) }
        switch unwrapOutboundIn(data) {
        case .head(var head) where head.status.kind != .informational:
            head.headerFields[.connection] = "close"
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .end:
            context.writeAndFlush(data, promise: promise)
            context.close(promise: nil)
        case .head, .body:
            context.write(data, promise: promise)
        }
    }
}

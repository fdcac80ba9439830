import NIOCore
import NIOHTTP1

/// Answers requests of HTTP/1.0 as their clients understand it: without chunks, and with the end of the connection as the
/// end of the body.
///
/// Sits between the HTTP codecs of a connection and whatever answers requests.
final class OldClientHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private var isOld = false
    private var isRead = true
    private var isAnswered = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            isOld = head.version != .http1_1
            isRead = false
        case .body: break
        case .end:
            isRead = true
            if isAnswered { context.close(promise: nil) }
        }
        context.fireChannelRead(data)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if isAnswered, let event = event as? ChannelEvent, event == .inputClosed { context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard isOld else { return context.write(data, promise: promise) }
        switch unwrapOutboundIn(data) {
        case .head(var head):
            head.version = .http1_0
            head.headers.replaceOrAdd(name: "connection", value: "close")
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .body:
            context.write(data, promise: promise)
        case .end:
            isAnswered = true
            let written = promise ?? context.eventLoop.makePromise()
            let channel = context.channel
            // A client that still sends would lose the answer if nobody read on.
            let mode: CloseMode = isRead ? .all : .output
            written.futureResult.whenComplete { _ in channel.close(mode: mode, promise: nil) }
            context.write(data, promise: written)
        }
    }
}

import NIOCore
import NIOHTTP1

/// Tells clients that ask before they send a body (`Expect: 100-continue`) to send it.
///
/// Sits between the HTTP codecs of a connection and whatever answers requests.
final class ContinueHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// The requests whose answers are not complete.
    private var unanswered = 0

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .head(let head) = unwrapInboundIn(data) {
            unanswered += 1
            // Before the answer to an earlier request there is no place for it.
            if unanswered == 1, head.version == .http1_1, head.expectsToContinue {
                let answer = HTTPResponseHead(version: .http1_1, status: .continue)
                context.writeAndFlush(wrapOutboundOut(.head(answer)), promise: nil)
            }
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) { unanswered -= 1 }
        context.write(data, promise: promise)
    }
}

extension HTTPRequestHead {
    fileprivate var expectsToContinue: Bool {
        headers["expect"].contains { $0.lowercased() == "100-continue" }
    }
}

import NIOCore
import NIOHTTP1

/// Tells clients that ask before they send a body (`Expect: 100-continue`) to send it, once ``RequestIsWanted`` says that
/// it is wanted. Those who are refused get the refusal instead.
///
/// Sits between the HTTP codecs of a connection and whatever answers requests.
final class ContinueHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// The requests whose answers are not complete, oldest first: whether each still waits to be told.
    private var isWaiting = CircularBuffer<Bool>()

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .head(let head) = unwrapInboundIn(data) {
            isWaiting.append(head.version == .http1_1 && head.expectsToContinue)
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head: if !isWaiting.isEmpty { isWaiting[isWaiting.startIndex] = false }
        case .body: break
        case .end: _ = isWaiting.popFirst()
        }
        context.write(data, promise: promise)
    }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard event is RequestIsWanted else { return context.triggerUserOutboundEvent(event, promise: promise) }
        // The request that is being answered is the oldest one.
        if isWaiting.first == true {
            isWaiting[isWaiting.startIndex] = false
            let answer = HTTPResponseHead(version: .http1_1, status: .continue)
            context.writeAndFlush(wrapOutboundOut(.head(answer)), promise: nil)
        }
        promise?.succeed()
    }
}

/// The outbound event which says that nothing speaks against the request in hand, as far as its head tells.
struct RequestIsWanted: Sendable {}

extension HTTPRequestHead {
    fileprivate var expectsToContinue: Bool {
        headers["expect"].contains { $0.lowercased() == "100-continue" }
    }
}

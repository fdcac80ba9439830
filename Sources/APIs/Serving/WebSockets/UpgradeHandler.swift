import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import WebSocket

/// Ends the HTTP part of a connection whose request asked for an upgrade.
///
/// If the answer is 101 the socket goes to whoever the route has named. If it is any other, the connection is closed
/// after it: NIO's decoder stops after any request with an `Upgrade` header, whatever the answer, so the next request
/// would wait for ever.
final class UpgradeHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// Takes the socket. Set by the route that answers 101, on the event loop.
    var acceptor: ((consuming UpgradedSocket) -> Void)?
    /// The request that asked for an upgrade; nothing is read behind it.
    private var upgrade: Int?
    private var requests = 0
    /// How many requests are answered to the end. A client need not wait for one answer to send the next request.
    private var answers = 0
    private var isUpgrading = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .head(let head) = unwrapInboundIn(data) {
            if upgrade == nil, head.headerFields.contains(.upgrade) { upgrade = requests }
            requests += 1
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let part = unwrapOutboundIn(data)
        guard answers == upgrade else {
            if case .end = part { answers += 1 }
            return context.write(data, promise: promise)
        }
        switch part {
        case .head(let head) where head.status == .switchingProtocols && acceptor != nil:
            isUpgrading = true
            context.write(data, promise: promise)
        case .head(var head) where head.status.kind != .informational:
            head.headerFields[.connection] = "close"
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .end where isUpgrading:
            let written = context.eventLoop.makePromise(of: Void.self)
            written.futureResult.assumeIsolated().whenComplete { [self] result in
                if case .success = result { handOver(context) } else { context.close(promise: nil) }
            }
            promise.map { written.futureResult.cascade(to: $0) }
            context.writeAndFlush(data, promise: written)
        case .end:
            let written = context.eventLoop.makePromise(of: Void.self)
            // Not before all of the answer is written.
            written.futureResult.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
            promise.map { written.futureResult.cascade(to: $0) }
            context.writeAndFlush(data, promise: written)
        case .head, .body:
            context.write(data, promise: promise)
        }
    }

    /// Gives the socket away once the decoder has left, and with it what it has read behind the request: frames of a
    /// client that did not wait for the answer.
    private func handOver(_ context: ChannelHandlerContext) {
        let pipeline = context.pipeline.syncOperations
        let collector = LeftoverCollector()
        let hasLeft = context.eventLoop.makePromise(of: Void.self)
        do {
            let decoder = try pipeline.context(handlerType: ByteToMessageHandler<HTTPRequestDecoder>.self)
            try pipeline.addHandler(collector, position: .after(decoder.handler))
            pipeline.removeHandler(context: decoder, promise: hasLeft)
        } catch {
            hasLeft.fail(error)
        }
        hasLeft.futureResult.assumeIsolated().whenComplete { [self] result in
            guard case .success = result, !collector.isIncomplete, let acceptor, context.channel.isActive,
                let socket = socket(of: context, collector.bytes)
            else { return context.close(promise: nil) }
            self.acceptor = nil
            acceptor(socket)
        }
    }

    /// The connection without its HTTP part: the socket alone, or with the handler that encrypts.
    private func socket(of context: ChannelHandlerContext, _ leftovers: ByteBuffer?) -> UpgradedSocket? {
        if let channel = context.channel as? DecryptedChannel { return channel.handOver(leftovers: leftovers) }
        return UpgradedSocket(takenFrom: context, leftovers: leftovers)
    }
}

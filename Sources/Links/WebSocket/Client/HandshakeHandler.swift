import NIOCore
import NIOHTTP1

/// Asks a server for a WebSocket, and makes the channel one when it agrees.
final class HandshakeHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    /// The most of a refusal's body that is kept.
    private static let longestBody = 500

    private let request: HTTPRequestHead
    private let handshake: ClientHandshake
    private let options: WebSocketOptions
    private let promise: EventLoopPromise<WebSocketStream>
    private let encoder: HTTPRequestEncoder
    private let decoder: ByteToMessageHandler<HTTPResponseDecoder>
    private var answer: HTTPResponseHead?
    private var body = ""

    init(
        request: HTTPRequestHead,
        handshake: ClientHandshake,
        options: WebSocketOptions,
        promise: EventLoopPromise<WebSocketStream>,
        encoder: HTTPRequestEncoder,
        decoder: ByteToMessageHandler<HTTPResponseDecoder>
    ) {
        self.request = request
        self.handshake = handshake
        self.options = options
        self.promise = promise
        self.encoder = encoder
        self.decoder = decoder
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { ask(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        ask(context)
        context.fireChannelActive()
    }

    private func ask(_ context: ChannelHandlerContext) {
        context.write(wrapOutboundOut(.head(request)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            answer = head
        case .body(let part):
            if body.utf8.count < Self.longestBody { body += String(buffer: part).prefix(Self.longestBody) }
        case .end:
            guard let answer else { return fail(.closedEarly, context) }
            guard answer.status == .switchingProtocols else {
                return fail(.refused(status: Int(answer.status.code), body: body), context)
            }
            open(answer, context)
        }
    }

    /// Opens the connection when the codecs have left: they are for HTTP and take nothing else. The decoder leaves a moment
    /// later than it is told to, and with it the frames that came with the answer.
    private func open(_ answer: HTTPResponseHead, _ context: ChannelHandlerContext) {
        do {
            let agreement = try handshake.check(status: Int(answer.status.code)) { name in
                let values = answer.headers[name]
                return values.isEmpty ? nil : values.joined(separator: ", ")
            }
            let pipeline = context.pipeline.syncOperations
            let collector = LeftoverCollector()
            try pipeline.addHandler(collector, position: .after(decoder))
            pipeline.removeHandler(encoder, promise: nil)
            let hasLeft = context.eventLoop.makePromise(of: Void.self)
            hasLeft.futureResult.assumeIsolated().whenComplete { [self] result in
                guard case .success = result, !collector.isIncomplete, context.channel.isActive else {
                    return fail(.closedEarly, context)
                }
                pipeline.removeHandler(collector, promise: nil)
                open(agreement.subprotocol, agreement.compression, leftovers: collector.bytes, context)
            }
            pipeline.removeHandler(decoder, promise: hasLeft)
        } catch {
            fail(.notAWebSocket("\(error)"), context)
        }
    }

    private func open(
        _ subprotocol: String?,
        _ compression: CompressionParameters?,
        leftovers: ByteBuffer?,
        _ context: ChannelHandlerContext
    ) {
        let mailbox = Mailbox()
        let promise = promise
        let connection = WebSocketConnection(
            role: .client,
            options: options,
            compression: compression,
            group: WebSocketGroup(eventLoop: context.eventLoop, options: options),
            writesDirectly: false
        ) { connection in
            promise.succeed(WebSocketStream(connection, mailbox: mailbox, subprotocol: subprotocol))
            return StreamDelegate(mailbox: mailbox)
        }
        do {
            let pipeline = context.pipeline.syncOperations
            try pipeline.addHandler(connection, position: .after(self))
            if let leftovers { context.fireChannelRead(NIOAny(leftovers)) }
            pipeline.removeHandler(self, promise: nil)
        } catch {
            promise.fail(error)
            context.close(promise: nil)
        }
    }

    private func fail(_ reason: WebSocketClientError.Reason, _ context: ChannelHandlerContext) {
        promise.fail(WebSocketClientError(reason: reason))
        context.close(promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        promise.fail(error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        promise.fail(WebSocketClientError(reason: .closedEarly))
        context.fireChannelInactive()
    }
}

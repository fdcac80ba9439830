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
    private let codecs: [any RemovableChannelHandler]
    private var answer: HTTPResponseHead?
    private var body = ""
    private var leftovers: [ByteBuffer] = []

    init(
        request: HTTPRequestHead,
        handshake: ClientHandshake,
        options: WebSocketOptions,
        promise: EventLoopPromise<WebSocketStream>,
        codecs: [any RemovableChannelHandler]
    ) {
        self.request = request
        self.handshake = handshake
        self.options = options
        self.promise = promise
        self.codecs = codecs
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

    private func open(_ answer: HTTPResponseHead, _ context: ChannelHandlerContext) {
        do {
            let agreement = try handshake.check(status: Int(answer.status.code)) { name in
                let values = answer.headers[name]
                return values.isEmpty ? nil : values.joined(separator: ", ")
            }
            let mailbox = Mailbox()
            let group = WebSocketGroup(eventLoop: context.eventLoop, options: options)
            let promise = promise
            let connection = WebSocketConnection(
                role: .client,
                options: options,
                compression: agreement.compression,
                group: group,
                writesDirectly: false
            ) { connection in
                promise.succeed(WebSocketStream(connection, mailbox: mailbox, subprotocol: agreement.subprotocol))
                return StreamDelegate(mailbox: mailbox)
            }
            let pipeline = context.pipeline.syncOperations
            // Frames that came with the answer are passed on by the decoder when it leaves.
            try pipeline.addHandler(connection, position: .after(self))
            for codec in codecs { pipeline.removeHandler(codec, promise: nil) }
            pipeline.removeHandler(self, promise: nil)
        } catch {
            fail(.notAWebSocket("\(error)"), context)
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

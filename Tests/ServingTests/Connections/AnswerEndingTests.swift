import HTTPTypes
import NIOCore
import NIOEmbedded
import NIOHTTPTypes
import Testing

@testable import Serving

@Suite struct AnswerOrderTests {
    private var order = AnswerOrder()
    private let fine = HTTPResponse(status: .ok)

    @Test mutating func `requests that have arrived in full are answered one after the other`() {
        for _ in 1...3 {
            arrive(.end(nil))
            #expect(!order.answers(with: fine) && !order.answered())
        }
    }

    @Test mutating func `an answer before the end of its request is the last`() {
        arrive(.body(ByteBuffer(string: "a")))
        #expect(order.answers(with: fine) && order.answered())
        #expect(order.isOver)
    }

    @Test mutating func `a request that is arriving behind the one that is answered ends nothing`() {
        arrive(.end(nil))
        arrive(.body(ByteBuffer(string: "a")))
        #expect(!order.answers(with: fine) && !order.answered())
        #expect(order.answers(with: fine) && order.answered())
    }

    @Test(arguments: ["close", "Close", "keep-alive, close", "upgrade ,close"])
    mutating func `a client may ask for the end, but only of the answer to that request`(value: String) {
        arrive(.end(nil))
        arrive(.end(nil), connection: value)
        #expect(!order.answers(with: fine) && !order.answered())
        #expect(order.answers(with: fine) && order.answered())
    }

    @Test mutating func `an answer to no request is one to what is none`() {
        #expect(order.answers(with: HTTPResponse(status: .badRequest)) && order.answered())
    }

    @Test mutating func `what becomes a WebSocket has no end here`() {
        arrive(.end(nil), connection: "upgrade")
        #expect(!order.answers(with: HTTPResponse(status: .switchingProtocols)) && !order.answered())
    }

    @Test mutating func `a listener that stops lets the answers that are due be the last`() {
        arrive(.end(nil))
        let isLast = order.answers(with: fine)
        #expect(!isLast)
        order.quiesce()
        let isOver = order.answered()
        #expect(isOver)
    }

    private mutating func arrive(_ last: HTTPRequestPart, connection: String? = nil) {
        var head = HTTPRequest(method: .post, scheme: "http", authority: "localhost", path: "/")
        head.headerFields[.connection] = connection
        order.received(.head(head))
        order.received(last)
    }
}

@Suite struct AnswerEndingTests {
    private let channel = EmbeddedChannel()
    private let head = HTTPRequestPart.head(
        HTTPRequest(method: .post, scheme: "http", authority: "localhost", path: "/")
    )

    init() throws {
        try channel.pipeline.syncOperations.addHandlers(
            HalfClosing(),
            LingeringClose(byteLimit: 100, timeLimit: .seconds(2)),
            PartsToBytes(),
            AnswerEnding(limit: .seconds(10))
        )
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    }

    @Test func `an answer before the end of the request says so, and what still comes is thrown away for a time`()
        throws
    {
        try answerEarly()
        try channel.writeInbound(ByteBuffer(repeating: 1, count: 60))
        #expect(try channel.readInbound(as: ByteBuffer.self) == nil)
        channel.embeddedEventLoop.advanceTime(by: .milliseconds(1999))
        #expect(channel.isActive)
        channel.embeddedEventLoop.advanceTime(by: .milliseconds(1))
        #expect(!channel.isActive)
    }

    @Test func `only so much is thrown away`() throws {
        try answerEarly()
        for _ in 1...2 { try channel.writeInbound(ByteBuffer(repeating: 1, count: 50)) }
        #expect(channel.isActive)
        try channel.writeInbound(ByteBuffer(repeating: 1, count: 1))
        channel.embeddedEventLoop.run()
        #expect(!channel.isActive)
    }

    @Test func `a client that ends its sending has got the answer`() throws {
        try answerEarly()
        channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        channel.embeddedEventLoop.run()
        #expect(!channel.isActive)
    }

    @Test func `nobody closes while the client may not have the answer`() throws {
        try answerEarly()
        channel.close(promise: nil)
        channel.embeddedEventLoop.run()
        #expect(channel.isActive)
    }

    private func answerEarly() throws {
        channel.pipeline.fireUserInboundEventTriggered(head)
        _ = try channel.readInbound(as: HTTPRequestPart.self)
        try channel.writeOutbound(HTTPResponsePart.head(HTTPResponse(status: .unauthorized)))
        try channel.writeOutbound(HTTPResponsePart.end(nil))
        channel.embeddedEventLoop.run()
        let answer = try channel.readOutbound(as: HTTPResponsePart.self)
        guard case .head(let head)? = answer else {
            Issue.record("no answer: \(String(describing: answer))")
            return
        }
        #expect(head.headerFields[.connection] == "close")
    }
}

/// An embedded channel does not know how to end only its sending.
private final class HalfClosing: ChannelOutboundHandler {
    typealias OutboundIn = NIOAny

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard mode == .output else { return context.close(mode: mode, promise: promise) }
        promise?.succeed()
    }
}

/// Stands for the HTTP codecs: makes parts of requests of events, and lets bytes through.
private final class PartsToBytes: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = HTTPRequestPart

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard let part = event as? HTTPRequestPart else { return context.fireUserInboundEventTriggered(event) }
        context.fireChannelRead(wrapInboundOut(part))
    }
}

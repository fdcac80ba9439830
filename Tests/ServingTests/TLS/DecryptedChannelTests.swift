import Logging
import NIOCore
import NIOEmbedded
import NIOTLS
import Testing

@testable import Serving

@Suite struct DecryptedChannelTests {
    /// A connection whose bytes are taken as they are, and the channel of its requests.
    private struct Connection {
        let outer = EmbeddedChannel()
        let inner: DecryptedChannel
        let recorder = Recorder()

        init() throws {
            inner = DecryptedChannel(in: outer)
            let gate = HandshakeGate()
            let link = DecryptedChannelLink(to: inner, gate: gate, limit: .seconds(2), logger: Logger(label: "test"))
            try outer.pipeline.syncOperations.addHandlers(gate, link)
            try inner.pipeline.syncOperations.addHandler(recorder)
            try outer.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        }

        func handshake() {
            outer.pipeline.fireUserInboundEventTriggered(TLSUserEvent.handshakeCompleted(negotiatedProtocol: nil))
        }

        func receive(_ bytes: [UInt8]) throws { try outer.writeInbound(ByteBuffer(bytes: bytes)) }
    }

    /// Notes what happens, and holds reading back when it is told to.
    private final class Recorder: ChannelDuplexHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundIn = ByteBuffer

        var notes: [String] = []
        var reads = 0
        var isHolding = false

        func channelActive(context: ChannelHandlerContext) { notes.append("active") }
        func channelInactive(context: ChannelHandlerContext) { notes.append("inactive") }
        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            notes.append("read \(unwrapInboundIn(data).readableBytes)")
        }
        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) { notes.append("\(event)") }
        func errorCaught(context: ChannelHandlerContext, error: any Error) { notes.append("error") }
        func read(context: ChannelHandlerContext) {
            reads += 1
            if !isHolding { context.read() }
        }
    }

    @Test func `requests begin when the handshake is done, and end with the connection`() throws {
        let connection = try Connection()
        #expect(!connection.inner.isActive && connection.recorder.notes.isEmpty)
        connection.handshake()
        #expect(connection.inner.isActive)
        try connection.receive([22, 3, 1])
        connection.outer.close(promise: nil)
        connection.outer.embeddedEventLoop.run()
        #expect(connection.recorder.notes == ["active", "read 3", "inactive"])
        #expect(!connection.inner.isActive)
        try connection.inner.closeFuture.wait()
    }

    @Test func `a handshake that is not done in time ends the connection`() throws {
        let connection = try Connection()
        connection.outer.embeddedEventLoop.advanceTime(by: .milliseconds(1999))
        #expect(connection.outer.isActive)
        connection.outer.embeddedEventLoop.advanceTime(by: .milliseconds(1))
        #expect(!connection.outer.isActive)
        // Nothing had begun.
        #expect(connection.recorder.notes.isEmpty)
        try connection.inner.closeFuture.wait()
    }

    @Test func `a handshake that is done has no limit any more`() throws {
        let connection = try Connection()
        connection.handshake()
        connection.outer.embeddedEventLoop.advanceTime(by: .seconds(60))
        #expect(connection.outer.isActive && connection.inner.isActive)
    }

    @Test func `whoever handles requests decides when more is read`() throws {
        let connection = try Connection()
        connection.outer.read()
        // The handshake is nobody's request.
        #expect(connection.recorder.reads == 0)
        connection.handshake()
        connection.recorder.isHolding = true
        connection.outer.read()
        #expect(connection.recorder.reads == 1)
    }

    @Test func `bytes are written to the connection, and its end fails what comes later`() throws {
        let connection = try Connection()
        connection.handshake()
        try connection.inner.writeAndFlush(ByteBuffer(string: "hello")).wait()
        #expect(try connection.outer.readOutbound(as: ByteBuffer.self) == ByteBuffer(string: "hello"))
        let closing = connection.inner.close()
        #expect(!connection.outer.isActive)
        connection.outer.embeddedEventLoop.run()
        try closing.wait()
        #expect(throws: ChannelError.ioOnClosedChannel) {
            try connection.inner.writeAndFlush(ByteBuffer(string: "hello")).wait()
        }
    }

    @Test func `a channel whose input is closed hears nothing more and may still answer`() throws {
        let connection = try Connection()
        connection.handshake()
        try connection.inner.close(mode: .input).wait()
        try connection.receive([22, 3, 1])
        #expect(connection.recorder.notes == ["active", "\(ChannelEvent.inputClosed)"])
        try connection.inner.writeAndFlush(ByteBuffer(string: "hello")).wait()
        #expect(connection.outer.isActive)
    }

    @Test func `a connection that is handed over goes on without its requests`() throws {
        let connection = try Connection()
        connection.handshake()
        let socket = connection.inner.handOver(leftovers: nil)
        connection.outer.embeddedEventLoop.run()
        #expect(connection.recorder.notes == ["active", "inactive"])
        try connection.inner.closeFuture.wait()
        #expect(connection.outer.isActive)
        try connection.receive([1])
        #expect(connection.recorder.notes.count == 2)
        // It is closed when nobody makes a WebSocket of it.
        _ = consume socket
        #expect(!connection.outer.isActive)
    }

    @Test func `a connection that has ended is not handed over`() throws {
        let connection = try Connection()
        connection.handshake()
        connection.outer.close(promise: nil)
        let isThere = connection.inner.handOver(leftovers: nil) != nil
        #expect(!isThere)
    }
}

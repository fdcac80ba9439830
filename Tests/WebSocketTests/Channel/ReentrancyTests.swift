import NIOCore
import NIOEmbedded
import Testing

@testable import WebSocket

/// Hands the connection bytes in the middle of a write, as a socket does that fails and is read to its end.
private final class ReadingWhileWriting: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer

    var bytes: ByteBuffer?

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if let bytes {
            self.bytes = nil
            context.fireChannelRead(NIOAny(bytes))
        }
        context.write(data, promise: promise)
    }
}

private final class Listener: WebSocketDelegate {
    private(set) var heard: [String] = []
    private(set) var wasCalledInTheMiddle = false

    func webSocketDidOpen(_ connection: WebSocketConnection) {}

    func webSocket(_ connection: WebSocketConnection, didReceive message: WebSocketMessage) {
        heard.append(message.string)
        if connection.isTransmitting { wasCalledInTheMiddle = true }
    }

    func webSocketDidClose(_ connection: WebSocketConnection, code: CloseCode, reason: String) {}
}

@Suite struct ReentrancyTests {
    @Test func `a message that comes in the middle of a write is heard after it`() throws {
        let channel = EmbeddedChannel()
        let interrupter = ReadingWhileWriting()
        let listener = Listener()
        let connection = WebSocketConnection(
            role: .server,
            options: WebSocketOptions(),
            compression: nil,
            group: WebSocketGroup(eventLoop: channel.embeddedEventLoop, options: WebSocketOptions()),
            writesDirectly: false
        ) { _ in listener }
        try channel.pipeline.syncOperations.addHandlers(interrupter, connection)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()

        var client = WebSocketMachine(role: .client)
        interrupter.bytes = client.frame(.text("in the middle"))
        #expect(connection.send(.text("out")) == .sent)
        #expect(listener.heard == [])
        channel.embeddedEventLoop.run()
        #expect(listener.heard == ["in the middle"])
        #expect(!listener.wasCalledInTheMiddle)
        #expect(try channel.readOutbound(as: ByteBuffer.self) == frame("out"))
        _ = try channel.finish()
    }

    @Test func `a message for a connection that ended meanwhile is not heard`() throws {
        let channel = EmbeddedChannel()
        let interrupter = ReadingWhileWriting()
        let listener = Listener()
        let connection = WebSocketConnection(
            role: .server,
            options: WebSocketOptions(),
            compression: nil,
            group: WebSocketGroup(eventLoop: channel.embeddedEventLoop, options: WebSocketOptions()),
            writesDirectly: false
        ) { _ in listener }
        try channel.pipeline.syncOperations.addHandlers(interrupter, connection)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()

        var client = WebSocketMachine(role: .client)
        interrupter.bytes = client.frame(.text("in the middle"))
        connection.send(.text("out"))
        connection.abort()
        channel.embeddedEventLoop.run()
        #expect(listener.heard == [])
    }
}

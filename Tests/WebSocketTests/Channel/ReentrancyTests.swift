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
    private let channel = EmbeddedChannel()
    private let interrupter = ReadingWhileWriting()
    private let listener = Listener()
    private let connection: WebSocketConnection

    init() throws {
        connection = try channel.open(telling: listener, behind: interrupter)
    }

    @Test func `a message that comes in the middle of a write is heard after it`() throws {
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
        var client = WebSocketMachine(role: .client)
        interrupter.bytes = client.frame(.text("in the middle"))
        connection.send(.text("out"))
        connection.abort()
        channel.embeddedEventLoop.run()
        #expect(listener.heard == [])
    }
}

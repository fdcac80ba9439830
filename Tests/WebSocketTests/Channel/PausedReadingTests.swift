import NIOCore
import NIOEmbedded
import Testing

@testable import WebSocket

private final class Listener: WebSocketDelegate {
    private(set) var heard: [String] = []
    private(set) var ending: CloseCode?
    private(set) var hasLostPeer = false
    /// After how many messages reading is paused.
    var pausesAfter = Int.max

    func webSocketDidOpen(_ connection: WebSocketConnection) {}

    func webSocket(_ connection: WebSocketConnection, didReceive message: WebSocketMessage) {
        heard.append(message.string)
        if heard.count == pausesAfter { connection.setReading(false) }
    }

    func webSocketDidLosePeer(_ connection: WebSocketConnection) { hasLostPeer = true }

    func webSocketDidClose(_ connection: WebSocketConnection, code: CloseCode, reason: String) { ending = code }
}

@Suite struct PausedReadingTests {
    private let channel = EmbeddedChannel()
    private let listener = Listener()
    private let connection: WebSocketConnection
    private let texts = (0..<300).map { "message \($0)" }

    init() throws {
        connection = try channel.open(telling: listener)
    }

    /// All messages in one piece, and a close frame behind them if wanted.
    private func bytes(closing: Bool = false) -> ByteBuffer {
        var client = WebSocketMachine(role: .client)
        var bytes = ByteBuffer()
        for text in texts {
            if let frame = client.frame(.text(text)) { bytes.writeImmutableBuffer(frame) }
        }
        if closing, let frame = client.close(.normal, reason: "") { bytes.writeImmutableBuffer(frame) }
        return bytes
    }

    @Test func `the messages of one connection do not keep the loop from the others`() throws {
        try channel.writeInbound(bytes())
        #expect((1..<300).contains(listener.heard.count))
        channel.embeddedEventLoop.advanceTime(by: .milliseconds(1))
        #expect(listener.heard == texts)
    }

    @Test(arguments: [false, true]) func `what a peer sent before it went is heard`(closing: Bool) throws {
        try channel.writeInbound(bytes(closing: closing))
        #expect(listener.heard.count < 300)
        channel.pipeline.fireChannelInactive()
        #expect(listener.heard == texts)
        #expect(listener.ending == (closing ? .normal : .abnormal))
    }

    @Test func `nothing is heard while reading is paused`() throws {
        listener.pausesAfter = 10
        try channel.writeInbound(bytes())
        channel.embeddedEventLoop.advanceTime(by: .milliseconds(1))
        #expect(listener.heard.count == 10)
        connection.setReading(true)
        channel.embeddedEventLoop.advanceTime(by: .milliseconds(1))
        #expect(listener.heard == texts)
    }

    @Test func `a peer that is not read from is not given up`() throws {
        connection.setReading(false)
        for minute in 1...5 { connection.tick(.now() + .seconds(60 * Int64(minute))) }
        #expect(!listener.hasLostPeer)
        connection.setReading(true)
        for minute in 6...8 { connection.tick(.now() + .seconds(60 * Int64(minute))) }
        #expect(listener.hasLostPeer)
    }
}

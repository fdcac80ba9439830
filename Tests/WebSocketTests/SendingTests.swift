import NIOCore
import Testing

@testable import WebSocket

@Suite struct SendingTests {
    @Test(arguments: [0, 1, 125, 126, 65535, 65536])
    func `frames of every length form are as the standard has them`(length: Int) {
        let payload = (0..<length).map { UInt8($0 % 251) }
        let buffer = ByteBuffer(bytes: payload)
        #expect(Array(buffer: FrameEncoder.frame(.binary, buffer)) == wire(0x82, payload, masked: false))
        let key = UInt32(0x3D21_FA37)
        #expect(Array(buffer: FrameEncoder.frame(.text, buffer, mask: key)) == wire(0x81, payload))
        #expect(
            Array(buffer: FrameEncoder.frame(.continuation, buffer, fin: false)) == wire(0x00, payload, masked: false)
        )
        #expect(
            Array(buffer: FrameEncoder.frame(.text, buffer, compressed: true)) == wire(0xC1, payload, masked: false)
        )
        let header = FrameEncoder.headerLength(payload: length, masked: true)
        #expect(header + length == wire(0x81, payload).count)
        #expect(FrameEncoder.headerLength(payload: length, masked: false) == header - 4)
    }

    @Test func `frames are appended to a buffer`() {
        var buffer = ByteBuffer(bytes: [1, 2, 3])
        FrameEncoder.write(.text, ByteBuffer(string: "a"), into: &buffer)
        FrameEncoder.write(.ping, ByteBuffer(), into: &buffer)
        #expect(Array(buffer: buffer) == [1, 2, 3, 0x81, 1, 0x61, 0x89, 0])
    }

    @Test func `a client masks every frame with another key`() throws {
        var client = WebSocketMachine(role: .client)
        let frames = (0..<8).map { _ in Array(buffer: client.frame(.text(ByteBuffer(string: "hello"))) ?? ByteBuffer())
        }
        #expect(frames.allSatisfy { $0.count == 11 && $0[0] == 0x81 && $0[1] == 0x85 })
        #expect(Set(frames.map { $0[2..<6] }).count > 1)
    }

    @Test func `messages travel both ways`() {
        var server = WebSocketMachine(role: .server)
        var client = WebSocketMachine(role: .client)
        let message = WebSocketMessage.text(ByteBuffer(string: "Grüße"))
        #expect(server.feed(client.frame(message), pieces: 2) == [.message(message)])
        #expect(client.feed(server.frame(message), pieces: 2) == [.message(message)])
    }

    @Test func `a ping holds 125 bytes at most and is answered`() {
        var server = WebSocketMachine(role: .server)
        var client = WebSocketMachine(role: .client)
        let long = ByteBuffer(repeating: 7, count: 200)
        guard case .send(let pong)? = client.feed(server.ping(long)).first else {
            Issue.record("no pong")
            return
        }
        #expect(server.feed(pong) == [.pong(ByteBuffer(repeating: 7, count: 125))])
        guard case .send(let answer)? = server.feed(client.ping()).first else {
            Issue.record("no pong")
            return
        }
        #expect(client.feed(answer) == [.pong(ByteBuffer())])
    }
}

import NIOCore
import Testing

@testable import WebSocket

@Suite struct FragmentationTests {
    @Test func `fragments become one message`() {
        var machine = WebSocketMachine(role: .server)
        #expect(machine.feed(wire(0x01, Array("one ".utf8))) == [])
        #expect(machine.feed(wire(0x00, Array("two ".utf8))) == [])
        #expect(machine.feed(wire(0x80, Array("three".utf8))) == [text("one two three")])
    }

    @Test func `empty fragments count for nothing`() {
        var machine = WebSocketMachine(role: .server)
        let bytes = wire(0x02) + wire(0x00) + wire(0x00, [1]) + wire(0x00) + wire(0x80)
        #expect(machine.feed(bytes) == [binary([1])])
        #expect(machine.feed(wire(0x02) + wire(0x00) + wire(0x80)) == [binary([])])
    }

    @Test func `control frames between fragments are answered at once`() {
        var machine = WebSocketMachine(role: .server)
        let bytes = wire(0x01, Array("a".utf8)) + wire(0x89, [9]) + wire(0x8A, [8]) + wire(0x80, Array("b".utf8))
        #expect(
            machine.feed(bytes) == [
                .send(ByteBuffer(bytes: [0x8A, 1, 9])), .pong(ByteBuffer(bytes: [8])), text("ab"),
            ]
        )
    }

    @Test(arguments: [0x00, 0x80] as [UInt8])
    func `a continuation needs something to continue`(first: UInt8) {
        #expect(serverVerdict(wire(first, [1])) == .protocolError)
        #expect(serverVerdict(wire(0x82, [1]) + wire(first, [1])) == .protocolError)
    }

    @Test(arguments: [0x01, 0x02, 0x81, 0x82] as [UInt8])
    func `a message must not begin inside another`(first: UInt8) {
        #expect(serverVerdict(wire(0x01, [0x61]) + wire(first, [0x61])) == .protocolError)
    }

    @Test func `a close frame between fragments ends the message`() {
        var machine = WebSocketMachine(role: .server)
        let actions = machine.feed(wire(0x01, [0x61]) + wire(0x88, [0x03, 0xE8]) + wire(0x80, [0x62]))
        #expect(actions == [.close(ByteBuffer(bytes: [0x88, 2, 0x03, 0xE8]), .normal, reason: "", byPeer: true)])
    }

    @Test func `many tiny fragments take no more memory than their bytes`() throws {
        let limits = WebSocketLimits(maxMessageBytes: 4096)
        var machine = WebSocketMachine(role: .server, limits: limits)
        var actions = machine.feed(wire(0x02, [0]))
        for _ in 1..<4096 { actions += machine.feed(wire(0x00, [0])) }
        for _ in 0..<20_000 { actions += machine.feed(wire(0x00)) }
        #expect(actions == [])
        #expect(machine.message?.payload.storageCapacity ?? 0 <= 8192)
        #expect(machine.feed(wire(0x00, [0])).last?.violation?.code == .tooBig)
    }
}

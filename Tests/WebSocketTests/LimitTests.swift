import NIOCore
import Testing

@testable import WebSocket

@Suite struct LimitTests {
    let limits = WebSocketLimits(maxFrameBytes: 1000, maxMessageBytes: 1500)

    @Test func `the largest frame passes and one more byte does not`() {
        #expect(serverVerdict(wire(0x82, [UInt8](repeating: 0, count: 1000)), limits: limits) == nil)
        #expect(serverVerdict(wire(0x82, [UInt8](repeating: 0, count: 1001)), limits: limits) == .tooBig)
    }

    @Test func `the header alone decides`() {
        #expect(serverVerdict([0x82, 0xFE, 0x03, 0xE8], limits: limits) == nil)
        #expect(serverVerdict([0x82, 0xFE, 0x03, 0xE9], limits: limits) == .tooBig)
        #expect(serverVerdict([0x82, 0xFF, 0x7F, 255, 255, 255, 255, 255, 255, 255], limits: limits) == .tooBig)
    }

    @Test func `fragments together stay within the message limit`() {
        let half = [UInt8](repeating: 0x61, count: 750)
        #expect(serverVerdict(wire(0x01, half) + wire(0x80, half), limits: limits) == nil)
        // The announcement of one byte too many is enough.
        let header = Array(wire(0x80, half + [0x61]).prefix(4))
        #expect(serverVerdict(wire(0x01, half) + header, limits: limits) == .tooBig)
    }

    @Test func `limits have a range`() {
        let small = WebSocketLimits(maxFrameBytes: -1, maxMessageBytes: 0)
        #expect(small == WebSocketLimits(maxFrameBytes: 125, maxMessageBytes: 125))
        let large = WebSocketLimits(maxFrameBytes: .max, maxMessageBytes: .max)
        #expect(large.maxFrameBytes <= Int(UInt32.max) && large.maxMessageBytes <= Int(UInt32.max))
        #expect(WebSocketLimits() == WebSocketLimits(maxFrameBytes: 1_048_576, maxMessageBytes: 1_048_576))
    }

    @Test func `an announced frame takes memory only as it comes`() {
        var machine = WebSocketMachine(role: .server)
        #expect(machine.feed(Array(wire(0x82, [UInt8](repeating: 1, count: 1 << 20)).prefix(100))) == [])
        #expect(machine.message?.payload.storageCapacity ?? 0 <= 256)
    }

    @Test func `an idle machine holds no memory of others`() {
        var machine = WebSocketMachine(role: .server)
        #expect(MemoryLayout<WebSocketMachine>.size <= 200)
        _ = machine.feed(wire(0x01, [UInt8](repeating: 0x61, count: 5000)) + wire(0x80, [0x61]) + wire(0x89, [1]))
        #expect(machine.input.storageCapacity == 0)
        #expect(machine.message == nil && machine.frame == nil)
        #expect(machine.inflater == nil && machine.deflater == nil)
    }

    @Test func `an unfinished header does not hold on to a large buffer`() {
        var machine = WebSocketMachine(role: .server)
        let bytes = wire(0x82, [UInt8](repeating: 1, count: 50_000)) + [0x82, 0xFE]
        #expect(machine.feed(bytes).count == 1)
        #expect(machine.input.readableBytes == 2)
        #expect(machine.input.storageCapacity <= 256)
    }
}

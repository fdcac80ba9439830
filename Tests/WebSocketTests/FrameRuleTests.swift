import NIOCore
import Testing

@testable import WebSocket

@Suite struct FrameRuleTests {
    @Test(arguments: [0, 1, 124, 125, 126, 127, 65535, 65536, 70000])
    func `payloads of every length form arrive`(length: Int) {
        let payload = (0..<length).map { UInt8($0 % 251) }
        var machine = WebSocketMachine(role: .server)
        #expect(machine.feed(wire(0x82, payload)) == [binary(payload)])
        #expect(!machine.isClosing)
    }

    @Test(arguments: [0x91, 0xA1, 0xC1, 0xF1, 0xC8, 0xC9, 0xCA, 0x40] as [UInt8])
    func `reserved bits end the connection`(first: UInt8) {
        #expect(serverVerdict(wire(first)) == .protocolError)
    }

    @Test(arguments: [3, 4, 5, 6, 7, 11, 12, 13, 14, 15] as [UInt8])
    func `reserved opcodes end the connection`(opcode: UInt8) {
        #expect(serverVerdict(wire(0x80 | opcode)) == .protocolError)
    }

    @Test func `a wrong first byte is judged at once`() {
        #expect(serverVerdict([0x83]) == .protocolError)
        #expect(serverVerdict([0x80]) == .protocolError)
        #expect(serverVerdict([0x81]) == nil)
    }

    @Test func `a server refuses unmasked frames`() {
        #expect(serverVerdict(wire(0x81, Array("hello".utf8), masked: false)) == .protocolError)
    }

    @Test func `a client takes unmasked frames and refuses masked ones`() {
        var machine = WebSocketMachine(role: .client)
        #expect(machine.feed(wire(0x81, Array("hello".utf8), masked: false)) == [text("hello")])
        #expect(machine.feed(wire(0x81, Array("hello".utf8), masked: true)).last?.violation?.code == .protocolError)
    }

    @Test(arguments: [0x88, 0x89, 0x8A] as [UInt8])
    func `control frames hold 125 bytes at most`(first: UInt8) {
        #expect(serverVerdict(wire(first, [0x03, 0xE8] + [UInt8](repeating: 0x61, count: 123))) == nil)
        #expect(serverVerdict([first, 0xFE]) == .protocolError)
        #expect(serverVerdict([first, 0xFF]) == .protocolError)
    }

    @Test(arguments: [0x08, 0x09, 0x0A] as [UInt8])
    func `control frames are not fragmented`(first: UInt8) {
        #expect(serverVerdict(wire(first)) == .protocolError)
    }

    @Test func `lengths must be in their shortest form`() {
        #expect(serverVerdict([0x82, 0xFE, 0, 125]) == .protocolError)
        #expect(serverVerdict([0x82, 0xFE, 0, 126]) == nil)
        #expect(serverVerdict([0x82, 0xFF, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]) == .protocolError)
        #expect(serverVerdict([0x82, 0xFF, 0, 0, 0, 0, 0, 1, 0, 0]) == nil)
    }

    @Test func `a length with its top bit set is refused`() {
        #expect(serverVerdict([0x82, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 1]) == .protocolError)
    }

    @Test func `pings are answered with their payload`() {
        var machine = WebSocketMachine(role: .server)
        let payload = Array("are you there".utf8)
        #expect(machine.feed(wire(0x89, payload)) == [.send(ByteBuffer(bytes: wire(0x8A, payload, masked: false)))])
        #expect(machine.feed(wire(0x89)) == [.send(ByteBuffer(bytes: [0x8A, 0]))])
    }

    @Test func `pongs are reported`() {
        var machine = WebSocketMachine(role: .server)
        #expect(machine.feed(wire(0x8A, [1, 2, 3])) == [.pong(ByteBuffer(bytes: [1, 2, 3]))])
    }

    @Test func `many frames in one piece come out in order`() {
        var machine = WebSocketMachine(role: .server)
        let bytes = wire(0x81, Array("one".utf8)) + wire(0x89, [7]) + wire(0x82, [2]) + wire(0x81, Array("three".utf8))
        #expect(
            machine.feed(bytes) == [
                text("one"), .send(ByteBuffer(bytes: [0x8A, 1, 7])), binary([2]), text("three"),
            ]
        )
    }

    @Test func `after a violation nothing more is delivered`() {
        var machine = WebSocketMachine(role: .server)
        let actions = machine.feed(wire(0x81, Array("before".utf8)) + wire(0x83) + wire(0x81, Array("after".utf8)))
        #expect(actions.count == 2)
        #expect(actions.first == text("before"))
        #expect(machine.isClosed)
        #expect(machine.feed(wire(0x81, Array("later".utf8))) == [])
        #expect(machine.frame(.text(ByteBuffer(string: "x"))) == nil)
        #expect(machine.ping() == nil)
        #expect(machine.close(.normal) == nil)
    }

    @Test func `a violation is told to the peer in a close frame`() throws {
        var machine = WebSocketMachine(role: .server)
        guard case .close(let bytes?, .protocolError, let reason, byPeer: false)? = machine.feed([0x83]).last else {
            Issue.record("no close")
            return
        }
        #expect(!reason.isEmpty)
        #expect(Array(buffer: bytes) == wire(0x88, [0x03, 0xEA] + Array(reason.utf8), masked: false))
    }

    @Test func `several receives before the first next lose nothing`() {
        var machine = WebSocketMachine(role: .server)
        let bytes = wire(0x81, Array("one".utf8)) + wire(0x81, Array("two".utf8))
        for byte in bytes { machine.receive(ByteBuffer(bytes: [byte])) }
        #expect(machine.next() == text("one"))
        #expect(machine.next() == text("two"))
        #expect(machine.next() == nil)
    }

    @Test(arguments: [1, 3, 7, 32, 33, 100, 1000])
    func `unmasking keeps step over pieces of any size`(size: Int) {
        let payload = (0..<997).map { UInt8(truncatingIfNeeded: $0 * 7) }
        var machine = WebSocketMachine(role: .server)
        #expect(machine.feed(wire(0x82, payload), pieces: size) == [binary(payload)])
    }

    @Test func `a buffer that someone else holds stays as it is`() {
        let bytes = wire(0x82, [UInt8](repeating: 5, count: 300))
        let shared = ByteBuffer(bytes: bytes)
        var machine = WebSocketMachine(role: .server)
        machine.receive(shared)
        #expect(machine.next() == binary([UInt8](repeating: 5, count: 300)))
        #expect(Array(buffer: shared) == bytes)
    }

    @Test func `a message alone in its buffer is delivered in that memory`() {
        let payload = [UInt8](repeating: 5, count: 4000)
        var bytes: ByteBuffer? = ByteBuffer(bytes: wire(0x82, payload))
        let address = bytes?.withUnsafeReadableBytes { UInt(bitPattern: $0.baseAddress) }
        var machine = WebSocketMachine(role: .server)
        machine.receive(bytes.take() ?? ByteBuffer())
        guard case .message(let message)? = machine.next() else {
            Issue.record("no message")
            return
        }
        #expect(message.payload.withUnsafeReadableBytes { UInt(bitPattern: $0.baseAddress) } == address.map { $0 + 8 })
        #expect(Array(buffer: message.payload) == payload)
    }

    @Test func `a message whose header came before it arrives all the same`() {
        let payload = Array("hello".utf8)
        let bytes = wire(0x81, payload)
        for cut in 1..<bytes.count {
            var machine = WebSocketMachine(role: .server)
            #expect(machine.feed(Array(bytes[..<cut])) == [])
            #expect(machine.feed(Array(bytes[cut...])) == [text("hello")])
        }
    }
}

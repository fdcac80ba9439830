import NIOCore
import Resilience
import Testing

@testable import WebSocket

@Suite struct RateTests {
    private let rates = RateLimit.Rates(messages: 10, bytes: 10_000)
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)

    private func machine(compression: CompressionParameters? = nil) -> WebSocketMachine {
        var machine = WebSocketMachine(role: .server, compression: compression, rates: rates)
        machine.advance(to: start)
        return machine
    }

    private func repeated(_ frame: [UInt8], _ count: Int) -> [UInt8] { (0..<count).flatMap { _ in frame } }

    private func firstExcess(_ actions: [WebSocketMachine.Action]) -> Int? {
        actions.firstIndex { if case .tooMuch = $0 { true } else { false } }
    }

    @Test(
        arguments: [
            ("messages", [0x81]), ("binary messages", [0x82]), ("pings", [0x89]),
            ("pongs that nobody asked for", [0x8A]),
        ] as [(String, [UInt8])]
    )
    func `two seconds' worth of frames passes, and one more is too much`(kind: String, first: [UInt8]) {
        var machine = machine()
        let frame = wire(first[0])
        #expect(firstExcess(machine.feed(repeated(frame, 20))) == nil)
        #expect(machine.feed(frame) == [.tooMuch(.messages)])
        machine.advance(to: start + .milliseconds(500))
        let more = machine.feed(repeated(frame, 6))
        #expect(firstExcess(more) == 5)
    }

    @Test func `what is one too many is neither delivered nor answered`() {
        var machine = machine()
        let actions = machine.feed(repeated(wire(0x89, [7]), 30))
        #expect(actions.count { if case .send = $0 { true } else { false } } == 20)
        #expect(actions.count == 30)
        var other = self.machine()
        #expect(other.feed(repeated(wire(0x81, [0x61]), 25)).count { $0 == text("a") } == 20)
    }

    @Test func `a pong that answers a ping is free, and one that does not is not`() {
        var machine = machine()
        for _ in 0..<100 {
            #expect(machine.ping() != nil)
            #expect(machine.feed(wire(0x8A)) == [.pong(ByteBuffer())])
        }
        #expect(machine.takeUsage().isEmpty)
        #expect(machine.feed(wire(0x8A)).count == 1)
        #expect(machine.takeUsage() == WebSocketUsage(messages: 1))
    }

    @Test(arguments: [0, 1, 1023]) func `small parts of a message count as messages`(size: Int) {
        var machine = WebSocketMachine(role: .server, rates: RateLimit.Rates(messages: 10, bytes: 1_000_000))
        machine.advance(to: start)
        let part = wire(0x00, [UInt8](repeating: 0x61, count: size))
        #expect(machine.feed(wire(0x01) + repeated(part, 19)) == [])
        #expect(machine.feed(part) == [.tooMuch(.messages)])
    }

    @Test func `large parts count by their bytes`() {
        var machine = WebSocketMachine(role: .server, rates: RateLimit.Rates(messages: 10, bytes: 50_000))
        machine.advance(to: start)
        let part = wire(0x00, [UInt8](repeating: 0x61, count: 1024))
        #expect(machine.feed(wire(0x01) + repeated(part, 90)) == [])
        #expect(machine.takeUsage() == WebSocketUsage(messages: 1, bytes: 90 * 1024))
        #expect(firstExcess(machine.feed(repeated(part, 20))) != nil)
    }

    @Test(arguments: [1, 100, .max]) func `bytes count, however they are cut`(pieces: Int) {
        var machine = machine()
        let message = wire(0x82, [UInt8](repeating: 0, count: 5000))
        #expect(machine.feed(repeated(message, 4), pieces: pieces).count == 4)
        #expect(firstExcess(machine.feed(message, pieces: pieces)) == 0)
        #expect(machine.takeUsage().bytes >= 20_000)
    }

    @Test func `a compressed message counts by what it becomes`() throws {
        let parameters = CompressionParameters(
            CompressionOptions(serverNoContextTakeover: true, clientNoContextTakeover: true)
        )
        var client = WebSocketMachine(role: .client, compression: parameters)
        var server = machine(compression: parameters)
        let made = client.frame(.text(ByteBuffer(repeating: 0x61, count: 9000)))
        let frame = try #require(made)
        #expect(frame.readableBytes < 200)
        let bytes = Array(buffer: frame)
        // Each is within the limit for messages, and all are small on the wire.
        #expect(server.feed(bytes + bytes).count == 2)
        #expect(server.takeUsage() == WebSocketUsage(messages: 2, bytes: 18_000))
        #expect(server.feed(bytes).first == .tooMuch(.bytes))
    }

    @Test func `while closing nothing counts`() {
        var machine = machine()
        _ = machine.close(.normal)
        #expect(machine.feed(repeated(wire(0x89), 100) + repeated(wire(0x81), 100)) == [])
        #expect(machine.takeUsage().isEmpty)
    }

    @Test func `a machine without rates counts and never says too much`() {
        var machine = WebSocketMachine(role: .server)
        #expect(firstExcess(machine.feed(repeated(wire(0x89, [1, 2]), 1000))) == nil)
        #expect(machine.takeUsage() == WebSocketUsage(messages: 1000, bytes: 2000))
    }
}

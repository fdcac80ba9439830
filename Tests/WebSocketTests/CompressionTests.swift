import NIOCore
import Testing
import TestRandom

@testable import WebSocket

@Suite struct CompressionTests {
    private func machines(
        _ options: CompressionOptions,
        limits: WebSocketLimits = WebSocketLimits()
    ) -> (server: WebSocketMachine, client: WebSocketMachine) {
        let parameters = CompressionParameters(options)
        return (
            WebSocketMachine(role: .server, limits: limits, compression: parameters),
            WebSocketMachine(role: .client, limits: limits, compression: parameters)
        )
    }

    private static func parameters(takeover: Bool = true) -> CompressionParameters {
        CompressionParameters(
            CompressionOptions(serverNoContextTakeover: !takeover, clientNoContextTakeover: !takeover)
        )
    }

    @Test(arguments: [true, false], [9, 12, 15])
    func `random messages survive the way there and back`(noTakeover: Bool, bits: Int) {
        var random = SeededGenerator(seed: UInt64(bits))
        var (server, client) = machines(
            CompressionOptions(
                serverNoContextTakeover: noTakeover,
                clientNoContextTakeover: !noTakeover,
                serverMaxWindowBits: bits,
                clientMaxWindowBits: 24 - bits,
                minimumBytes: 1
            )
        )
        for round in 0..<60 {
            let count = Int.random(in: 0...(round % 10 == 0 ? 200_000 : 2_000), using: &random)
            let noise = Int.random(in: 1...255, using: &random)
            let bytes = (0..<count).map {
                UInt8(truncatingIfNeeded: $0 % 61 * (Int(random.next() % 16) < noise / 16 ? 1 : 3))
            }
            let message: WebSocketMessage =
                round % 2 == 0
                ? .binary(ByteBuffer(bytes: bytes)) : .text(ByteBuffer(string: String(decoding: bytes, as: UTF8.self)))
            let pieces = round % 3 == 0 ? 7 : 5_000
            #expect(server.feed(client.frame(message), pieces: pieces) == [.message(message)])
            #expect(client.feed(server.frame(message), pieces: pieces) == [.message(message)])
        }
    }

    @Test func `repeated text becomes small and refers to earlier messages`() throws {
        let message = WebSocketMessage.text(ByteBuffer(string: String(repeating: "the same words again ", count: 20)))
        var (server, client) = machines(
            CompressionOptions(serverNoContextTakeover: false, clientNoContextTakeover: true)
        )
        let frames = [server.frame(message), server.frame(message)]
        let first = try #require(frames[0])
        let second = try #require(frames[1])
        #expect(first.readableBytes < message.payload.readableBytes / 3)
        #expect(second.readableBytes < first.readableBytes)
        #expect(client.feed(first) == [.message(message)])
        #expect(client.feed(second) == [.message(message)])
        #expect(server.feed(client.frame(message)) == [.message(message)])
        #expect(server.deflater != nil && client.inflater != nil)
        #expect(client.deflater == nil && server.inflater == nil)
    }

    @Test func `what does not get smaller is sent as it is`() {
        var random = SeededGenerator(seed: 5)
        var (server, client) = machines(CompressionOptions())
        let noise = WebSocketMessage.binary(ByteBuffer(bytes: random.bytes(1000)))
        let frame = server.frame(noise)
        #expect(frame?.readableBytes == 1004)
        #expect(client.feed(frame) == [.message(noise)])
        let short = WebSocketMessage.text(ByteBuffer(string: "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"))
        #expect(server.frame(short)?.readableBytes == 32)
    }

    @Test func `the examples of the standard inflate`() {
        var server = WebSocketMachine(role: .server, compression: Self.parameters())
        let hello: [UInt8] = [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]
        #expect(server.feed(wire(0xC1, hello)) == [text("Hello")])
        // Fragmented.
        #expect(server.feed(wire(0x41, Array(hello[..<3])) + wire(0x80, Array(hello[3...]))) == [text("Hello")])
        // With reference to the message before.
        #expect(server.feed(wire(0xC1, [0xF2, 0x00, 0x11, 0x00, 0x00])) == [text("Hello")])
        // A block without compression.
        let stored: [UInt8] = [0x00, 0x05, 0x00, 0xFA, 0xFF, 0x48, 0x65, 0x6C, 0x6C, 0x6F, 0x00]
        #expect(server.feed(wire(0xC1, stored)) == [text("Hello")])
        // A final block.
        let final: [UInt8] = [0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0x00]
        #expect(server.feed(wire(0xC1, final)) == [text("Hello")])
        #expect(server.feed(wire(0xC1, final)) == [text("Hello")])
        // Two blocks.
        let two: [UInt8] = [0xF2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xCA, 0xC9, 0xC9, 0x07, 0x00]
        #expect(server.feed(wire(0xC1, two)) == [text("Hello")])
        // Nothing, in three forms.
        #expect(server.feed(wire(0xC1, [0x00])) == [text("")])
        #expect(server.feed(wire(0xC1, [0x02, 0x00])) == [text("")])
        #expect(server.feed(wire(0xC1)) == [text("")])
        // The machine is still in step.
        #expect(server.feed(wire(0xC1, hello)) == [text("Hello")])
    }

    @Test func `a final block may be the whole of a message`() {
        var server = WebSocketMachine(role: .server, compression: Self.parameters())
        let final: [UInt8] = [0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]
        #expect(server.feed(wire(0xC1, final), pieces: 1) == [text("Hello")])
        #expect(server.feed(wire(0xC1, final)) == [text("Hello")])
    }

    @Test func `an empty message deflates to one zero byte`() throws {
        let deflater = try #require(Deflater(keepsContext: true))
        for _ in 0..<3 {
            var output = ByteBuffer()
            deflater.compress(ByteBuffer(), into: &output)
            #expect(Array(buffer: output) == [0])
        }
    }

    @Test func `one compressed frame serves many receivers`() throws {
        let deflater = try #require(Deflater())
        for string in [String(repeating: "shared ", count: 50), "", String(repeating: "x", count: 100_000)] {
            let frame = FrameEncoder.frame(.text, deflating: ByteBuffer(string: string), with: deflater)
            for takeover in [true, false] {
                var client = WebSocketMachine(role: .client, compression: Self.parameters(takeover: takeover))
                #expect(client.feed(frame) == [text(string)])
            }
        }
    }

    @Test func `without agreement compressed frames are a violation`() {
        #expect(serverVerdict(wire(0xC1, [0x00])) == .protocolError)
        #expect(
            serverVerdict(wire(0x01, [0x61]) + wire(0xC0, [0x00]), compression: Self.parameters()) == .protocolError
        )
        #expect(serverVerdict(wire(0xC9), compression: Self.parameters()) == .protocolError)
    }

    @Test(
        arguments: [
            [0xFF, 0xFF, 0xFF], [0x06, 0x00], [0xF2, 0x48, 0xCD], [0x00, 0x05, 0x00, 0x00, 0x00],
            [0x01, 0x05, 0x00, 0xFA],
            [0xF2, 0x00, 0x11, 0x00, 0x00],
        ] as [[UInt8]]
    )
    func `corrupt data is refused`(bytes: [UInt8]) {
        #expect(serverVerdict(wire(0xC2, bytes), compression: Self.parameters()) == .invalidPayload)
        #expect(serverVerdict(wire(0xC2, bytes), compression: Self.parameters(takeover: false)) == .invalidPayload)
    }

    @Test func `inflated text must be UTF-8 and fails as it comes`() throws {
        let deflater = try #require(Deflater())
        let wrong = [UInt8](repeating: 0x61, count: 3000) + [0xED, 0xA0, 0x80] + [UInt8](repeating: 0x61, count: 3000)
        var compressed = ByteBuffer()
        deflater.compress(ByteBuffer(bytes: wrong), into: &compressed)
        let payload = Array(buffer: compressed)
        #expect(serverVerdict(wire(0xC1, payload), compression: Self.parameters()) == .invalidPayload)
        #expect(serverVerdict(wire(0xC2, payload), compression: Self.parameters()) == nil)
        // Not final: the message would go on.
        #expect(serverVerdict(wire(0x41, payload), compression: Self.parameters()) == .invalidPayload)
        var cut = ByteBuffer()
        deflater.compress(ByteBuffer(bytes: [0x61, 0xC3]), into: &cut)
        #expect(serverVerdict(wire(0xC1, Array(buffer: cut)), compression: Self.parameters()) == .invalidPayload)
    }

    @Test func `a bomb stops at the limit`() throws {
        let deflater = try #require(Deflater(level: 9))
        var bomb = ByteBuffer()
        deflater.compress(ByteBuffer(repeating: 0, count: 20_000_000), into: &bomb)
        let payload = Array(buffer: bomb)
        #expect(payload.count < 40_000)
        let limits = WebSocketLimits(maxFrameBytes: 1 << 20, maxMessageBytes: 100_000)
        #expect(serverVerdict(wire(0xC2, payload), limits: limits, compression: Self.parameters()) == .tooBig)
        // It is noticed before the frame is complete, and the memory stays within the limit.
        var machine = WebSocketMachine(role: .server, limits: limits, compression: Self.parameters())
        #expect(machine.feed(Array(wire(0xC2, payload).prefix(60))) == [])
        #expect(machine.message?.payload.storageCapacity ?? .max <= 131_072)
        #expect(machine.feed(Array(wire(0xC2, payload).prefix(1000).dropFirst(60))).last?.violation?.code == .tooBig)
    }

    @Test func `a message of exactly the limit passes`() throws {
        let deflater = try #require(Deflater())
        let limits = WebSocketLimits(maxMessageBytes: 4096)
        for (count, verdict) in [(4095, nil), (4096, nil), (4097, CloseCode.tooBig)] {
            var compressed = ByteBuffer()
            deflater.compress(ByteBuffer(repeating: 1, count: count), into: &compressed)
            let bytes = wire(0xC2, Array(buffer: compressed))
            #expect(serverVerdict(bytes, limits: limits, compression: Self.parameters()) == verdict)
        }
    }

    @Test func `the frame limit holds for what comes over the wire`() {
        let limits = WebSocketLimits(maxFrameBytes: 200)
        let header: [UInt8] = [0xC2, 0xFE, 0x00, 0xC9]
        #expect(serverVerdict(header, limits: limits, compression: Self.parameters()) == .tooBig)
    }

    @Test func `compressors reject values that zlib would`() {
        #expect(Deflater(windowBits: 8) == nil)
        #expect(Deflater(windowBits: 16) == nil)
        #expect(Deflater(level: 0) == nil)
        #expect(Deflater(memoryLevel: 10) == nil)
    }

    @Test func `compressed data after our close is thrown away`() {
        var server = WebSocketMachine(role: .server, compression: Self.parameters())
        _ = server.close(.normal)
        #expect(server.feed(wire(0x41, [0xFF]) + wire(0x80, [0xFF])) == [])
        #expect(server.inflater == nil)
        #expect(server.feed(wire(0x88)) == [.close(nil, .noStatus, reason: "", byPeer: true)])
    }
}

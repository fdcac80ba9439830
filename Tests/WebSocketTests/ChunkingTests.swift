import NIOCore
import Testing
import TestRandom

@testable import WebSocket

@Suite struct ChunkingTests {
    private static let compression = CompressionParameters(
        CompressionOptions(serverNoContextTakeover: false, clientNoContextTakeover: false)
    )

    /// Random frames, most of them right, so that both deep and failing states are met.
    private func script(_ random: inout SeededGenerator) -> [UInt8] {
        var bytes: [UInt8] = []
        let inflatable: [UInt8] = [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]
        let texts = ["hello", "κόσμε", String(repeating: "long ", count: 100), "", "😀"].map { Array($0.utf8) }
        for _ in 0..<Int.random(in: 1...8, using: &random) {
            let payload: [UInt8] =
                switch Int.random(in: 0..<12, using: &random) {
                case 0..<8: texts.randomElement(using: &random) ?? []
                case 8: inflatable
                case 9: [UInt8](repeating: 0x61, count: Int.random(in: 500...700, using: &random))
                default: random.bytes(Int.random(in: 0...200, using: &random))
                }
            let first: UInt8 =
                switch Int.random(in: 0..<24, using: &random) {
                case 0..<6: 0x81
                case 6..<9: 0x82
                case 9..<11: 0x01
                case 11..<13: 0x00
                case 13..<16: 0x80
                case 16..<18: 0x89
                case 18: 0x8A
                case 19: 0x88
                case 20..<22: 0xC1
                case 22: 0x41
                default: UInt8.random(in: .min ... .max, using: &random)
                }
            let frame = wire(first, payload, key: random.bytes(4))
            bytes += Int.random(in: 0..<40, using: &random) == 0 ? frame.dropLast(1) : frame
        }
        return bytes
    }

    @Test(arguments: [false, true])
    func `pieces make no difference`(isCompressed: Bool) {
        var random = SeededGenerator(seed: isCompressed ? 11 : 12)
        var delivered = 0
        var ended: [CloseCode: Int] = [:]
        for _ in 0..<800 {
            let bytes = script(&random)
            let limits = WebSocketLimits(maxFrameBytes: 600, maxMessageBytes: 700)
            let fresh = WebSocketMachine(
                role: .server,
                limits: limits,
                compression: isCompressed ? Self.compression : nil
            )
            var whole = fresh
            let expected = whole.feed(bytes)
            for size in [1, Int.random(in: 2...40, using: &random)] {
                var machine = fresh
                #expect(machine.feed(bytes, pieces: size) == expected)
                #expect(machine.isClosed == whole.isClosed)
            }
            delivered += expected.count
            if let code = expected.last?.violation?.code { ended[code, default: 0] += 1 }
        }
        #expect(delivered > 500)
        #expect(Set(ended.keys).isSuperset(of: [.protocolError, .invalidPayload, .tooBig]))
    }

    @Test func `random bytes end in a close or in waiting`() {
        var random = SeededGenerator(seed: 13)
        var closed = 0
        for round in 0..<10_000 {
            var machine = WebSocketMachine(
                role: round % 2 == 0 ? .server : .client,
                limits: WebSocketLimits(maxFrameBytes: 1000, maxMessageBytes: 1000),
                compression: round % 3 == 0 ? Self.compression : nil
            )
            let actions = machine.feed(random.bytes(Int.random(in: 1...300, using: &random)))
            let closes = actions.filter { if case .close = $0 { true } else { false } }
            #expect(closes.count == (machine.isClosed ? 1 : 0))
            closed += closes.count
        }
        #expect(closed > 5_000)
    }

    @Test func `damaged frames never crash`() {
        var random = SeededGenerator(seed: 14)
        var survived = 0
        for _ in 0..<3_000 {
            var bytes = script(&random)
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let index = Int.random(in: bytes.indices, using: &random)
                bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            }
            var machine = WebSocketMachine(role: .server, compression: Self.compression)
            survived += machine.feed(bytes, pieces: Int.random(in: 1...100, using: &random)).count
        }
        #expect(survived > 1000)
    }
}

import Testing

@testable import Audio

@Suite
struct G711Tests {
    @Test func `known µ-law bytes have their known values`() {
        let known: [(UInt8, Int16)] = [
            (0x00, -32_124), (0x80, 32_124), (0x7F, 0), (0xFF, 0), (0xFE, 8), (0x7E, -8), (0xF0, 120), (0xEF, 132),
            (0x8F, 16_764), (0xCF, 924),
        ]
        for (byte, value) in known { #expect(G711.mu.decode(byte) == value) }
    }

    @Test func `known A-law bytes have their known values`() {
        let known: [(UInt8, Int16)] = [
            (0xD5, 8), (0x55, -8), (0x2A, -32_256), (0xAA, 32_256), (0xD4, 24), (0xC5, 264), (0xF5, 528),
        ]
        for (byte, value) in known { #expect(G711.a.decode(byte) == value) }
    }

    @Test(arguments: [G711.mu, .a])
    func `decoding agrees with libsndfile for every byte`(law: G711) throws {
        let bytes = Array(UInt8.min...UInt8.max)
        let file = TestSound.wav(tag: law == .mu ? 7 : 6, bits: 8, data: bytes)
        #expect(try AudioDecoder.decode(bytes: file).samples == law.decode(bytes))
    }

    @Test(arguments: [G711.mu, .a])
    func `encoding is the inverse of decoding`(law: G711) {
        for byte in UInt8.min...UInt8.max {
            // µ-law has two zeros; the positive one is written.
            let expected = law == .mu && byte == 0x7F ? 0xFF : byte
            #expect(law.encode(law.decode(byte)) == expected)
        }
    }

    @Test(arguments: [G711.mu, .a])
    func `louder samples never become quieter and the error is half a step at most`(law: G711) {
        var previous = Int.min
        var misplaced: [Int16] = []
        for sample in Int16.min...Int16.max {
            let value = Int(law.decode(law.encode(sample)))
            let magnitude = abs(Int(sample))
            // Half a step is a 32nd of the segment's beginning, which µ-law's bias shifts by 132.
            let bound = law == .mu ? (magnitude + 132) / 32 + 4 : max(8, magnitude / 32 + 8)
            if value < previous || abs(value - Int(sample)) > bound { misplaced.append(sample) }
            previous = value
        }
        #expect(misplaced.isEmpty)
    }
}

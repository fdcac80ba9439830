import NIOCore
import Testing
import TestRandom

@testable import WebSocket

@Suite struct UTF8Tests {
    /// Where validation first fails when bytes come one by one; nil when it does not.
    private func firstFailure(_ bytes: [UInt8]) -> Int? {
        var validator = UTF8Validator()
        return bytes.indices.first { index in !bytes[index...index].withUnsafeBytes { validator.consume($0) } }
    }

    private func isValid(_ bytes: [UInt8]) -> Bool {
        var validator = UTF8Validator()
        return bytes.withUnsafeBytes { validator.consume($0) } && validator.isComplete
    }

    @Test func `every scalar passes and every surrogate fails`() {
        var wrong: [UInt32] = []
        for value in UInt32(0)...0x10FFFF {
            let bytes: [UInt8]
            if let scalar = Unicode.Scalar(value) {
                bytes = Array(UTF8.encode(scalar) ?? .init())
                if !isValid(bytes) { wrong.append(value) }
            } else {
                bytes = [0xED, UInt8(0x80 | (value >> 6) & 0x3F), UInt8(0x80 | value & 0x3F)]
                if isValid(bytes) { wrong.append(value) }
            }
        }
        #expect(wrong == [])
    }

    @Test(
        arguments: [
            ([0xC0, 0xAF], 0), ([0xC1, 0xBF], 0), ([0xE0, 0x80, 0xAF], 1), ([0xE0, 0x9F, 0xBF], 1),
            ([0xF0, 0x80, 0x80, 0xAF], 1), ([0xF0, 0x8F, 0xBF, 0xBF], 1), ([0xF8, 0x88, 0x80, 0x80, 0x80], 0),
            ([0xED, 0xA0, 0x80], 1), ([0xED, 0xBF, 0xBF], 1), ([0xF4, 0x90, 0x80, 0x80], 1), ([0xF5, 0x80], 0),
            ([0xFE], 0), ([0xFF], 0), ([0x80], 0), ([0xBF], 0), ([0x61, 0xCE, 0x61], 2), ([0xE2, 0x82, 0x41], 2),
            ([0xF0, 0x9F, 0x98, 0xC0], 3), ([0xCE, 0xBA, 0xE1, 0xBD, 0xB9, 0xCF, 0x83, 0xED, 0xA0, 0x80], 8),
        ] as [([UInt8], Int)]
    )
    func `wrong sequences fail at their first wrong byte`(bytes: [UInt8], position: Int) {
        #expect(firstFailure(bytes) == position)
        // The same inside long runs of ASCII, at every alignment.
        for lead in 0..<40 {
            let padded = [UInt8](repeating: 0x61, count: lead) + bytes + [UInt8](repeating: 0x62, count: 40)
            #expect(!isValid(padded))
            #expect(firstFailure(padded) == lead + position)
        }
    }

    @Test func `the verdict on random bytes is the standard library's`() {
        var random = SeededGenerator(seed: 1)
        let alphabet: [UInt8] = [
            0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC2, 0xDF, 0xE0, 0xE1, 0xED, 0xF0, 0xF4,
        ]
        var valid = 0
        var wrong: [[UInt8]] = []
        for _ in 0..<20_000 {
            let count = Int.random(in: 0...6, using: &random)
            let bytes = (0..<count).map { _ in alphabet.randomElement(using: &random) ?? 0 }
            let expected = String(validating: bytes, as: UTF8.self) != nil
            if isValid(bytes) != expected { wrong.append(bytes) }
            valid += expected ? 1 : 0
        }
        #expect(wrong == [])
        #expect(valid > 100)
    }

    @Test func `text of all lengths of characters arrives in any pieces`() {
        let string = String(repeating: "aé€😀 κόσμε, добрый день, 你好世界 ", count: 30)
        for size in [1, 2, 3, 5, 16, 17, 100, 10_000] {
            var machine = WebSocketMachine(role: .server)
            #expect(machine.feed(wire(0x81, Array(string.utf8)), pieces: size) == [text(string)])
        }
    }

    @Test func `a character may be cut by fragments`() {
        var machine = WebSocketMachine(role: .server)
        let bytes = Array("😀".utf8)
        let frames = wire(0x01, [bytes[0]]) + wire(0x00, [bytes[1]]) + wire(0x00) + wire(0x80, Array(bytes[2...]))
        #expect(machine.feed(frames) == [text("😀")])
    }

    @Test(arguments: [[0xC3], [0xE2, 0x82], [0xF0, 0x9F, 0x98]] as [[UInt8]])
    func `a character must not be cut by the end of the message`(bytes: [UInt8]) {
        #expect(serverVerdict(wire(0x81, bytes)) == .invalidPayload)
        #expect(serverVerdict(wire(0x01, bytes) + wire(0x80)) == .invalidPayload)
    }

    @Test func `a wrong byte fails before its frame is complete`() {
        let payload = Array("κόσμε".utf8) + [0xF4, 0x90, 0x80, 0x80] + Array("edited".utf8)
        let bytes = wire(0x81, payload)
        let header = bytes.count - payload.count
        let firstWrong = Array("κόσμε".utf8).count + 1
        #expect(serverVerdict(Array(bytes.prefix(header + firstWrong))) == nil)
        #expect(serverVerdict(Array(bytes.prefix(header + firstWrong + 1))) == .invalidPayload)
    }

    @Test func `a wrong byte fails before its message is complete`() {
        #expect(serverVerdict(wire(0x01, Array("κόσμε".utf8) + [0xED, 0xA0])) == .invalidPayload)
    }

    @Test func `binary messages may hold anything`() {
        #expect(serverVerdict(wire(0x82, [0xFF, 0xC0, 0x80])) == nil)
    }
}

import Testing

@testable import Audio

@Suite struct FinalHeaderTests {
    @Test func `the final header of a streamed WAV is that of the whole file`() throws {
        let sound = PCM((0..<24000).map { Float($0 % 100) / 100 }, sampleRate: 24000)
        let encoder = try AudioEncoder(format: .wav, inputRate: 24000)
        var streamed = try encoder.encode(Array(sound.samples[..<10000]))
        streamed += try encoder.encode(Array(sound.samples[10000...]))
        streamed += try encoder.finish()
        let header = try #require(encoder.finalHeader)
        streamed.replaceSubrange(0..<header.count, with: header)
        #expect(try streamed == AudioEncoder.encodeWhole(sound, as: .wav))
    }

    @Test(arguments: AudioFormat.allCases.filter { $0 != .wav && $0 != .flac })
    func `the header of other formats stays as it was streamed`(format: AudioFormat) throws {
        let encoder = try AudioEncoder(format: format, inputRate: 24000)
        _ = try encoder.encode([0, 0, 0])
        _ = try encoder.finish()
        #expect(encoder.finalHeader == nil)
    }

    @Test func `the header of a finished FLAC stream states its length`() throws {
        let encoder = try AudioEncoder(format: .flac, inputRate: 16000)
        var bytes: [UInt8] = []
        for _ in 0..<5 { bytes += try encoder.encode([Float](repeating: 0.1, count: 4000)) }
        bytes += try encoder.finish()
        let header = try #require(encoder.finalHeader)
        #expect(header.starts(with: Array("fLaC".utf8)) && header.count == 42)
        bytes.replaceSubrange(0..<header.count, with: header)
        // 36 bits behind rate, channels and width.
        let length = bytes[21..<26].reduce(0) { $0 << 8 | UInt64($1) } & 0xF_FFFF_FFFF
        #expect(length == 20_000)
        #expect(try AudioDecoder.decode(bytes: bytes).samples.count == 20_000)
    }
}

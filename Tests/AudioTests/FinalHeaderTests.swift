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

    @Test(arguments: AudioFormat.allCases.filter { $0 != .wav })
    func `the header of other formats stays as it was streamed`(format: AudioFormat) throws {
        let encoder = try AudioEncoder(format: format, inputRate: 24000)
        _ = try encoder.encode([0, 0, 0])
        _ = try encoder.finish()
        #expect(encoder.finalHeader == nil)
    }
}

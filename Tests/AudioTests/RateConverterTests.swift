import Testing

@testable import Audio

@Suite struct RateConverterTests {
    @Test(arguments: [(24_000, 16_000), (22_050, 24_000), (8000, 48_000)])
    func `pieces give the same as the whole, without a click between them`(from: Int, to: Int) throws {
        let sound = TestSound.sine(440, seconds: 0.5, rate: from)
        let converter = RateConverter(to: to, quality: .high)
        var output: [Float] = []
        for piece in sound.pieces(of: .milliseconds(10)) { output += try converter.process(piece) }
        output += converter.finish()
        let expected = sound.resampled(to: to).samples
        #expect(abs(output.count - expected.count) <= 1)
        #expect(zip(output, expected).allSatisfy { abs($0 - $1) < 1e-4 })
        // A sine of this frequency and amplitude does not go further from one sample to the next.
        let steepest = Float(0.5 * 2 * Double.pi * 440 / Double(to)) * 1.01
        let inner = PCM(output, sampleRate: to).inner(.milliseconds(20)).samples
        #expect(zip(inner, inner.dropFirst()).allSatisfy { abs($1 - $0) <= steepest })
    }

    @Test func `nothing is lost when the rate changes, and the rate that is wanted passes untouched`() throws {
        let converter = RateConverter(to: 16_000)
        var count = 0
        for rate in [8000, 24_000, 16_000, 48_000] {
            count += try converter.process(TestSound.sine(seconds: 0.5, rate: rate)).count
        }
        count += converter.finish().count
        #expect(abs(count - 4 * 8000) <= 3)
        #expect(converter.finish().isEmpty)
        #expect(try converter.process(PCM([0.5, 2, -3], sampleRate: 16_000)) == [0.5, 2, -3])
    }

    @Test(arguments: [1, 999, 768_001])
    func `a rate that cannot be converted is refused and does no harm`(rate: Int) throws {
        let converter = RateConverter(to: 16_000)
        _ = try converter.process(TestSound.sine(seconds: 0.1, rate: 8000))
        #expect(throws: AudioError.self) { try converter.process(PCM([0], sampleRate: rate)) }
        let more = try converter.process(TestSound.sine(seconds: 0.1, rate: 8000)).count + converter.finish().count
        #expect(more > 1600)
        #expect(throws: AudioError.self) { try RateConverter(to: rate).process(PCM([0], sampleRate: 8000)) }
    }

    @Test func `what decoded sound takes is told before it is taken, and can be refused`() throws {
        struct Full: Error {}
        let bytes = try AudioEncoder.encodeWhole(TestSound.sine(rate: 24_000), as: .flac)
        var taken = 0
        let sound = try AudioDecoder.decode(bytes: bytes, sampleRate: 16_000) { taken += $0 }
        #expect(taken == 4 * sound.samples.count)
        #expect(throws: Full.self) {
            try AudioDecoder.decode(bytes: bytes, sampleRate: 16_000) { _ in throw Full() }
        }
    }
}

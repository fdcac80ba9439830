import Testing

@testable import Audio

@Suite
struct ResamplerTests {
    static let pairs = [
        (8000, 16_000), (16_000, 8000), (24_000, 16_000), (22_050, 48_000), (48_000, 22_050), (44_100, 16_000),
        (11_025, 24_000), (1000, 768_000), (768_000, 1000),
    ]

    @Test(arguments: pairs)
    func `a whole sound keeps its duration`(from: Int, to: Int) {
        for count in [1, 100, 12_345] {
            let output = PCM([Float](repeating: 0.1, count: count), sampleRate: from).resampled(to: to)
            let expected = (Double(count) * Double(to) / Double(from)).rounded()
            #expect(abs(Double(output.samples.count) - expected) <= 1)
            #expect(output.sampleRate == to)
        }
    }

    @Test(arguments: pairs)
    func `pieces give the same as the whole`(from: Int, to: Int) {
        let sound = TestSound.sine(200, seconds: 0.5, rate: from)
        let whole = Resampler(from: from, to: to)
        let expected = whole.process(sound.samples) + whole.finish()
        let pieces = Resampler(from: from, to: to)
        var output: [Float] = []
        for piece in sound.pieces(of: .milliseconds(7)) { output += pieces.process(piece.samples) }
        output += pieces.finish()
        #expect(abs(output.count - expected.count) <= 1)
        #expect(zip(output, expected).allSatisfy { abs($0 - $1) < 1e-4 })
    }

    @Test(arguments: [(8000, 48_000), (48_000, 16_000), (44_100, 24_000), (22_050, 16_000)])
    func `a sine keeps its frequency and power`(from: Int, to: Int) {
        let sound = TestSound.sine(1000, rate: from)
        let output = sound.resampled(to: to).inner()
        #expect(output.share(of: 1000) > 0.999)
        #expect(abs(output.power - sound.power) < 0.001)
    }

    @Test func `what the lower rate cannot hold is filtered out`() {
        #expect(TestSound.sine(6000, rate: 24_000).resampled(to: 8000).inner().power < 1e-6)
    }

    @Test func `between equal rates sound passes through at once`() {
        let resampler = Resampler(from: 16_000, to: 16_000)
        #expect(resampler.process([0.5, 2, -3]) == [0.5, 2, -3])
        #expect(resampler.finish().isEmpty)
    }

    @Test(arguments: [(8000, 16_000), (24_000, 16_000), (48_000, 16_000), (24_000, 48_000), (24_000, 8000)])
    func `live sound is delayed by 40 ms at most`(from: Int, to: Int) {
        let resampler = Resampler(from: from, to: to)
        var (input, output) = (0, 0)
        for _ in 0..<100 {
            output += resampler.process([Float](repeating: 0, count: from / 100)).count
            input += from / 100
            #expect(Duration.samples(input, at: from) - .samples(output, at: to) <= .milliseconds(40))
        }
    }

    @Test func `an ended or empty stream gives nothing more`() {
        let resampler = Resampler(from: 8000, to: 16_000)
        #expect(resampler.process([]).isEmpty)
        _ = resampler.process([0.1, 0.2])
        #expect(abs(resampler.finish().count - 4) <= 1)
        #expect(resampler.finish().isEmpty)
        #expect(Resampler(from: 8000, to: 16_000).finish().isEmpty)
    }

    @Test func `resamplers work side by side`() async {
        let expected = TestSound.sine(rate: 22_050).resampled(to: 16_000)
        await withTaskGroup(of: PCM.self) { group in
            for _ in 0..<16 { group.addTask { TestSound.sine(rate: 22_050).resampled(to: 16_000) } }
            for await output in group { #expect(output == expected) }
        }
    }
}

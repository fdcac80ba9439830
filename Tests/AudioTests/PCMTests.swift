import Testing

@testable import Audio

@Suite
struct PCMTests {
    @Test func `pieces cover the sound in order and only the last may be shorter`() {
        let sound = PCM((0..<1000).map(Float.init), sampleRate: 8000)
        let pieces = sound.pieces(of: .milliseconds(20))
        #expect(pieces.map(\.samples.count) == [160, 160, 160, 160, 160, 160, 40])
        #expect(pieces.flatMap(\.samples) == sound.samples)
        #expect(pieces.allSatisfy { $0.sampleRate == 8000 })
    }

    @Test func `pieces of no duration hold one sample each`() {
        #expect(PCM([1, 2, 3], sampleRate: 8000).pieces(of: .zero).map(\.samples) == [[1], [2], [3]])
    }

    @Test func `empty sound has no pieces, no duration and no peak`() {
        let sound = PCM(sampleRate: 16_000)
        #expect(sound.isEmpty)
        #expect(sound.pieces(of: .seconds(1)).isEmpty)
        #expect(sound.duration == .zero)
        #expect(sound.peak == 0)
    }

    @Test(arguments: [8000, 11_025, 22_050, 44_100, 48_000])
    func `samples and durations convert into each other`(rate: Int) {
        for count in [0, 1, 7, rate - 1, rate, rate * 3600 + 1] {
            #expect(Duration.samples(count, at: rate).samples(at: rate) == count)
        }
    }

    @Test func `durations are exact`() {
        #expect(PCM.silence(.milliseconds(250), sampleRate: 44_100).samples.count == 11_025)
        #expect(PCM.silence(.seconds(2), sampleRate: 44_100).duration == .seconds(2))
        #expect(Duration.milliseconds(1500).seconds == 1.5)
        #expect(Duration.microseconds(1500).milliseconds == 1.5)
    }

    @Test func `a prefix is no longer than the sound`() {
        let sound = PCM([0.1, -0.9, 0.3], sampleRate: 1000)
        #expect(sound.prefix(.milliseconds(2)).samples == [0.1, -0.9])
        #expect(sound.prefix(.seconds(9)) == sound)
        #expect(sound.peak == 0.9)
    }

    @Test func `appending joins the samples`() {
        var sound = PCM([1], sampleRate: 8000)
        sound.append(PCM([2, 3], sampleRate: 8000))
        #expect(sound.samples == [1, 2, 3])
    }
}

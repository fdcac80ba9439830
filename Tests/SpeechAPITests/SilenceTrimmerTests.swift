import Audio
import Testing

@testable import SpeechAPI

@Suite struct SilenceTrimmerTests {
    private static let rate = 16_000

    private func sound(_ milliseconds: Int, level: Float = 0.5) -> [Float] {
        (0..<milliseconds * Self.rate / 1000).map { $0 % 2 == 0 ? level : -level }
    }

    private func silence(_ milliseconds: Int) -> [Float] {
        [Float](repeating: 0, count: milliseconds * Self.rate / 1000)
    }

    /// What is left of `samples` in milliseconds, given in pieces of `size` samples.
    private func trimmed(_ samples: [Float], pieces size: Int = 1000) -> Int {
        var trimmer = SilenceTrimmer(sampleRate: Self.rate)
        var heard: [Float] = []
        for start in stride(from: 0, to: samples.count, by: size) {
            heard += trimmer.process(Array(samples[start..<min(start + size, samples.count)]))
        }
        heard += trimmer.finish()
        return heard.count * 1000 / Self.rate
    }

    @Test func `silence at either end shrinks to 50 ms`() {
        #expect(trimmed(silence(500) + sound(200) + silence(400)) == 300)
        #expect(trimmed(silence(20) + sound(200) + silence(20)) == 240)
    }

    @Test func `pauses of 700 ms and more shrink to 300 ms, shorter ones stay`() {
        #expect(trimmed(sound(100) + silence(690) + sound(100)) == 890)
        #expect(trimmed(sound(100) + silence(700) + sound(100)) == 500)
        #expect(trimmed(sound(100) + silence(5000) + sound(100)) == 500)
    }

    @Test(arguments: [1, 7, 160, 1000, 100_000]) func `the size of the pieces does not matter`(size: Int) {
        let samples = silence(333) + sound(100) + silence(900) + sound(105) + silence(300) + sound(55) + silence(77)
        #expect(trimmed(samples, pieces: size) == trimmed(samples))
    }

    @Test func `silent is what stays 40 dB below the loudest sound so far`() {
        #expect(trimmed(sound(100) + sound(1000, level: 0.004) + sound(100)) == 500)
        #expect(trimmed(sound(100) + sound(1000, level: 0.006) + sound(100)) == 1200)
        #expect(trimmed(sound(1000, level: 0.004)) == 1000)
    }

    @Test func `nothing but silence leaves nothing`() {
        #expect(trimmed(silence(3000)) == 0)
        #expect(trimmed([]) == 0)
        #expect(trimmed([Float](repeating: .nan, count: 500)) == 0)
    }

    @Test func `sound is never held back by more than a window`() {
        var trimmer = SilenceTrimmer(sampleRate: Self.rate)
        var given = 0
        var heard = 0
        for _ in 0..<100 {
            given += 333
            heard += trimmer.process(Array(sound(100).prefix(333))).count
            #expect(given - heard < Self.rate / 100)
        }
    }

    @Test func `a rate too low for windows does no harm`() {
        var trimmer = SilenceTrimmer(sampleRate: 1)
        #expect(trimmer.process([0.5, 0.5]) == [0.5, 0.5])
        #expect(trimmer.finish() == [])
    }
}

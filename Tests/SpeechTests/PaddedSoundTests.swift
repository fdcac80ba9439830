import Audio
import Testing

@testable import Speech

@Suite struct PaddedSoundTests {
    @Test func `times are those of the sound without padding, and none lies outside`() {
        let sound = PCM([Float](repeating: 1, count: 16_000), sampleRate: 16_000)
        let padded = PaddedSound(sound, of: sound)
        #expect(padded.sound.duration == .milliseconds(1750))
        #expect(padded.sound.samples.prefix(4000).allSatisfy { $0 == 0 })
        #expect(padded.sound.samples.suffix(8000).allSatisfy { $0 == 0 })
        let heard = Transcript(
            text: "a b c",
            segments: [
                .init(text: "a", start: 0, end: 0.5), .init(text: "b", start: 0.5, end: 1),
                .init(text: "c", start: 1.5, end: 1.75),
            ]
        )
        let segments = padded.unpadded(heard).segments
        #expect(segments.map(\.start) == [0, 0.25, 1])
        #expect(segments.map(\.end) == [0.25, 0.75, 1])
    }

    @Test func `long sound is padded behind only`() {
        let sound = PCM([Float](repeating: 1, count: 48_000), sampleRate: 16_000)
        let padded = PaddedSound(sound, of: sound)
        #expect(padded.sound.samples.first == 1)
        #expect(padded.sound.duration == .milliseconds(3500))
    }
}

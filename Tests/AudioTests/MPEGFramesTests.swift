import Testing

@testable import Audio

/// MP3 and AAC frame by frame: where the sound begins and ends.
@Suite
struct MPEGFramesTests {
    /// Silence with one short tone in it, whose place can be measured.
    private static func click(at seconds: Double, rate: Int) -> PCM {
        var sound = PCM.silence(.seconds(1), sampleRate: rate)
        let start = Int(seconds * Double(rate))
        for (index, sample) in TestSound.sine(1000, seconds: 0.05, rate: rate).samples.enumerated() {
            sound.samples[start + index] = sample
        }
        return sound
    }

    /// The middle of what can be heard, in seconds.
    private static func middle(_ sound: PCM) -> Double {
        let weights = sound.samples.map { Double($0) * Double($0) }
        let moment = weights.enumerated().reduce(0.0) { $0 + Double($1.offset) * $1.element }
        return moment / max(1e-9, weights.reduce(0, +)) / Double(sound.sampleRate)
    }

    @Test(arguments: [8000, 16_000, 22_050, 24_000, 44_100, 48_000])
    func `the delay of coder and decoder is taken away`(rate: Int) throws {
        let sound = Self.click(at: 0.5, rate: rate)
        let whole = try AudioDecoder.decode(bytes: AudioEncoder.encodeWhole(sound, as: .mp3))
        #expect(whole.samples.count == rate)
        #expect(abs(Self.middle(whole) - Self.middle(sound)) < 0.002)
        // A stream has no tag that says how long the delay is.
        let streamed = try AudioDecoder.decode(bytes: AudioEncoderTests.stream(sound, as: .mp3))
        #expect(abs(Self.middle(streamed) - Self.middle(sound)) < 0.002)
    }

    @Test(.enabled(if: FFmpeg.find() != nil, "needs the ffmpeg program"), arguments: [8000, 24_000, 44_100])
    func `the delay of AAC is taken away`(rate: Int) throws {
        let sound = Self.click(at: 0.5, rate: rate)
        let decoded = try AudioDecoder.decode(bytes: AudioEncoder.encodeWhole(sound, as: .aac))
        #expect(abs(Self.middle(decoded) - Self.middle(sound)) < 0.002)
        let start = Self.click(at: 0, rate: rate)
        let early = try AudioDecoder.decode(bytes: AudioEncoder.encodeWhole(start, as: .aac))
        #expect(abs(Self.middle(early) - Self.middle(start)) < 0.002)
    }

    @Test func `nothing is taken from the beginning of a piece cut out of a stream`() throws {
        let rate = 24_000
        let bytes = try AudioEncoderTests.stream(TestSound.sine(seconds: 3, rate: rate), as: .mp3)
        let all = try #require(MPEGFrames(in: MemorySource(bytes, name: ""), at: 0))
        let size = bytes.count / (all.sampleCount / 576)
        let piece = Array(bytes.dropFirst(size * 50))
        let frames = try #require(MPEGFrames(in: MemorySource(piece, name: ""), at: 0))
        #expect(frames.lead == 0 && frames.sampleCount == all.sampleCount - 50 * 576)
        #expect(all.lead == 1105)
    }

    @Test func `a count of frames that is wrong ends nothing`() throws {
        let bytes = try AudioEncoder.encodeWhole(TestSound.sine(seconds: 2), as: .mp3)
        let place = try #require(bytes.indices.first { bytes[$0...].starts(with: "Info".utf8) })
        for count in [0, 3, 1_000_000] as [UInt32] {
            var wrong = bytes
            wrong.replaceSubrange(place + 8..<place + 12, with: TestSound.word(count).reversed())
            let sound = try AudioDecoder.decode(bytes: wrong)
            #expect(sound.duration >= .seconds(2) && sound.duration < .milliseconds(2080))
        }
    }

    @Test func `a stream of variable rate that begins loud is read to its end`() throws {
        let sound = TestSound.sine(rate: 24_000)
        // Behind a second of large frames come four of the smallest there are, which hold silence.
        let silent: [UInt8] = [0xFF, 0xF3, 0x14, 0xC0] + [UInt8](repeating: 0, count: 20)
        let bytes = try AudioEncoderTests.stream(sound, as: .mp3) + Array(repeatElement(silent, count: 167).joined())
        let decoded = try AudioDecoder.decode(bytes: bytes + AudioEncoderTests.stream(sound, as: .mp3))
        #expect(decoded.duration > .seconds(6) && decoded.duration < .milliseconds(6300))
        let end = PCM(Array(decoded.samples.suffix(20_000)), sampleRate: 24_000)
        #expect(end.inner().share(of: 440) > 0.98)
    }

    @Test func `damage in the middle loses no more than it hits`() throws {
        var bytes = try AudioEncoder.encodeWhole(TestSound.sine(seconds: 4), as: .mp3)
        bytes.replaceSubrange(10_000..<13_000, with: TestSound.noise(3000))
        bytes.removeSubrange(16_000..<16_037)
        let sound = try AudioDecoder.decode(bytes: bytes)
        #expect(sound.duration > .milliseconds(3400) && sound.duration < .milliseconds(4100))
        let end = PCM(Array(sound.samples.suffix(24_000)), sampleRate: 24_000)
        #expect(end.inner().share(of: 440) > 0.98)
    }
}

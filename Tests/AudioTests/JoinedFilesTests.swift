import Testing

@testable import Audio

/// Files joined one behind the other, as by `cat`: each is a second of a tone, of which nothing may be lost.
@Suite
struct JoinedFilesTests {
    /// The tones of the files, in Hz, at rates that all formats have.
    private static let first = TestSound.sine(440, rate: 24_000)
    private static let second = TestSound.sine(1000, rate: 16_000)

    /// Looks for the tones, each in the middle of its second, where neither the joint nor a coder's fading reaches.
    static func expect(_ sound: PCM, holds tones: [Double], within tolerance: Double = 0.06) {
        #expect(abs(sound.duration.seconds - Double(tones.count)) < tolerance * Double(tones.count))
        for (index, tone) in tones.enumerated() {
            let start = (Double(index) + 0.25) * Double(sound.sampleRate)
            let middle = sound.samples.dropFirst(Int(start)).prefix(sound.sampleRate / 2)
            #expect(PCM(Array(middle), sampleRate: sound.sampleRate).share(of: tone) > 0.98, "tone \(index)")
        }
    }

    @Test(arguments: [AudioFormat.wav, .mp3, .opus, .flac], [AudioFormat.wav, .mp3, .opus, .flac])
    func `one file behind another is read to the end`(one: AudioFormat, other: AudioFormat) throws {
        let bytes =
            try AudioEncoder.encodeWhole(Self.first, as: one) + AudioEncoder.encodeWhole(Self.second, as: other)
            + AudioEncoder.encodeWhole(Self.first, as: one)
        Self.expect(try AudioDecoder.decode(bytes: bytes), holds: [440, 1000, 440])
        Self.expect(try AudioDecoder.decode(bytes: bytes, sampleRate: 16_000), holds: [440, 1000, 440])
    }

    @Test(arguments: [AudioFormat.wav, .mp3, .opus, .flac])
    func `streams whose length nobody knew are read to the end when joined`(format: AudioFormat) throws {
        let bytes =
            try AudioEncoderTests.stream(Self.first, as: format) + AudioEncoderTests.stream(Self.second, as: format)
        Self.expect(try AudioDecoder.decode(bytes: bytes), holds: [440, 1000])
    }

    @Test(arguments: [AudioFormat.wav, .opus, .flac])
    func `a stream cut off ends where the next one begins`(format: AudioFormat) throws {
        let first = try AudioEncoder.encodeWhole(Self.first, as: format)
        let bytes = try first.dropLast(first.count / 10) + AudioEncoder.encodeWhole(Self.second, as: format)
        let sound = try AudioDecoder.decode(bytes: Array(bytes))
        #expect(sound.duration > .seconds(1.8) && sound.duration < .seconds(2.05))
        let rest = PCM(Array(sound.samples.suffix(sound.sampleRate * 3 / 4)), sampleRate: sound.sampleRate)
        #expect(rest.inner().share(of: 1000) > 0.98)
    }

    @Test func `tags between MP3 files are left out`() throws {
        let one = try AudioEncoder.encodeWhole(Self.first, as: .mp3)
        let other = try AudioEncoder.encodeWhole(TestSound.sine(1000, rate: 24_000), as: .mp3)
        // A picture in a tag may look like frames.
        let id3 = Array("ID3".utf8) + [3, 0, 0, 0, 0, 0x10, 0] + other.suffix(2048)
        let id3v1 = Array("TAG".utf8) + [UInt8](repeating: 0x20, count: 125)
        let ape = Array("APETAGEX".utf8) + TestSound.noise(300)
        let bytes = id3 + one + ape + id3v1 + id3 + other + id3v1 + one + ape
        Self.expect(try AudioDecoder.decode(bytes: bytes), holds: [440, 1000, 440])
        // Streams have no tag of their own that tells one from the next.
        let streams = try id3 + AudioEncoderTests.stream(Self.first, as: .mp3) + id3v1 + id3 + other
        Self.expect(try AudioDecoder.decode(bytes: streams), holds: [440, 1000], within: 0.1)
    }

    @Test func `what the second file may have longer counts against the limit`() throws {
        let file = try AudioEncoder.encodeWhole(Self.first, as: .flac)
        #expect(throws: AudioError.tooLong(source: "the audio", maximum: .milliseconds(1500))) {
            try AudioDecoder.decode(bytes: file + file, limits: .init(maximumDuration: .milliseconds(1500)))
        }
        #expect(
            try AudioDecoder.decode(bytes: file + file, limits: .init(maximumDuration: .seconds(2))).duration
                == .seconds(2)
        )
    }

    @Test func `a damaged file among others is refused and named`() throws {
        let file = try AudioEncoder.encodeWhole(Self.first, as: .wav)
        let broken = Array("RIFF\0\0\0\0WAVEdata\u{4}\0\0\0abcd".utf8)
        #expect(
            throws: AudioError.corrupt(
                source: "the audio",
                reason: "file 2 of those joined in it: what says how its samples are to be read is missing"
            )
        ) {
            try AudioDecoder.decode(bytes: file + broken)
        }
    }

    @Test func `files without end are refused in bounded time`() throws {
        let file = TestSound.wav(data: [0, 0])
        let bytes = Array(repeatElement(file, count: 1001).joined())
        guard
            case .corrupt(_, let reason) = #expect(
                throws: AudioError.self,
                performing: {
                    try AudioDecoder.decode(bytes: bytes)
                }
            )
        else {
            Issue.record("they were taken")
            return
        }
        #expect(reason.contains("1000 files"))
        #expect(try AudioDecoder.decode(bytes: Array(bytes.dropLast(file.count))).samples.count == 1000)
    }

    @Test func `rubbish behind a sound is no sound`() throws {
        for format in [AudioFormat.mp3, .flac, .opus] {
            let bytes = try AudioEncoder.encodeWhole(Self.first, as: format)
            let whole = try AudioDecoder.decode(bytes: bytes)
            let more = try AudioDecoder.decode(bytes: bytes + TestSound.noise(20_000))
            #expect(abs(more.samples.count - whole.samples.count) < 100, "\(format)")
        }
    }
}

import Testing

@testable import Audio

@Suite
struct AudioEncoderTests {
    /// The formats whose bytes can be decoded again here: AAC needs the `ffmpeg` program.
    static let decodable = AudioFormat.allCases.filter { $0 != .aac || FFmpeg.find() != nil }

    /// Bytes of the sound streamed in pieces of 20 ms.
    static func stream(
        _ sound: PCM,
        as format: AudioFormat,
        sampleRate: Int? = nil,
        expectedDuration: Duration? = nil
    ) throws -> [UInt8] {
        let encoder = try AudioEncoder(
            format: format,
            inputRate: sound.sampleRate,
            sampleRate: sampleRate,
            expectedDuration: expectedDuration
        )
        var bytes: [UInt8] = []
        for piece in sound.pieces(of: .milliseconds(20)) { bytes += try encoder.encode(piece.samples) }
        return try bytes + encoder.finish()
    }

    static func decode(_ bytes: [UInt8], as format: AudioFormat, sampleRate: Int) throws -> PCM {
        switch format {
        case .pcm, .mulaw, .alaw: try AudioDecoder.decode(raw: bytes, as: format, sampleRate: sampleRate)
        default: try AudioDecoder.decode(bytes: bytes)
        }
    }

    static func expect(_ output: PCM, resembles sound: PCM) {
        let excess = output.duration - sound.duration
        // AAC at 8 kHz: 200 ms of delay, and a last frame of up to 128 ms.
        #expect(excess > .milliseconds(-5) && excess < .milliseconds(330))
        // An MP3 stream begins with up to 170 ms of delay.
        let inner = output.inner(.milliseconds(200))
        #expect(inner.share(of: 440) > 0.99)
        #expect(abs(inner.power / sound.power - 1) < 0.05)
    }

    @Test(arguments: Self.decodable, [8000, 22_050, 24_000, 48_000])
    func `a whole sound survives the round trip`(format: AudioFormat, rate: Int) throws {
        let sound = TestSound.sine(rate: rate)
        let bytes = try AudioEncoder.encodeWhole(sound, as: format)
        let output = try Self.decode(bytes, as: format, sampleRate: format.sampleRate(preferring: rate))
        #expect(output.sampleRate == format.sampleRate(preferring: rate))
        Self.expect(output, resembles: sound)
        let excess = output.duration - sound.duration
        if format != .opus, format != .aac { #expect(excess > .milliseconds(-1) && excess < .milliseconds(1)) }
    }

    @Test(arguments: Self.decodable, [8000, 22_050, 24_000, 48_000])
    func `a streamed sound survives the round trip`(format: AudioFormat, rate: Int) throws {
        let sound = TestSound.sine(rate: rate)
        let bytes = try Self.stream(sound, as: format)
        let output = try Self.decode(bytes, as: format, sampleRate: format.sampleRate(preferring: rate))
        #expect(output.sampleRate == format.sampleRate(preferring: rate))
        Self.expect(output, resembles: sound)
    }

    @Test(arguments: Self.decodable)
    func `a stream decodes to the same as the whole`(format: AudioFormat) throws {
        let rate = format.sampleRate(preferring: 24_000)
        let sound = TestSound.sine(rate: rate)
        let streamed = try Self.decode(try Self.stream(sound, as: format), as: format, sampleRate: rate)
        let whole = try Self.decode(try AudioEncoder.encodeWhole(sound, as: format), as: format, sampleRate: rate)
        if format == .mp3 {
            // Only the whole file tells how much of its beginning is the encoder's delay.
            let delay = streamed.samples.count - whole.samples.count
            #expect((0...3000).contains(delay))
        } else if format == .opus {
            #expect(streamed.samples.count == whole.samples.count)
            let difference = zip(streamed.samples, whole.samples).map { $0 - $1 }
            #expect(PCM(difference, sampleRate: rate).power < 1e-5)
        } else {
            #expect(streamed == whole)
        }
    }

    @Test(arguments: AudioFormat.allCases)
    func `bytes come before the sound ends`(format: AudioFormat) throws {
        let encoder = try AudioEncoder(format: format, inputRate: 24_000)
        let sound = TestSound.sine(seconds: 5)
        var fed = 0
        var bytes: [UInt8] = []
        // Whatever the header takes, this is enough to hold sound too.
        for piece in sound.pieces(of: .milliseconds(20)) where bytes.count < 400 {
            bytes += try encoder.encode(piece.samples)
            fed += piece.samples.count
        }
        #expect(Duration.samples(fed, at: 24_000) <= .milliseconds(400))
    }

    @Test(arguments: [AudioFormat.wav, .opus])
    func `the header needs no sample`(format: AudioFormat) throws {
        let encoder = try AudioEncoder(format: format, inputRate: 24_000)
        let header = try encoder.encode([])
        #expect(header.starts(with: (format == .wav ? "RIFF" : "OggS").utf8))
    }

    @Test func `a WAV header states the length when it is known and else that it is unknown`() throws {
        let sound = TestSound.sine(seconds: 0.5)
        let unknown = try Self.stream(sound, as: .wav)
        #expect(Array(unknown[4..<8]) == [255, 255, 255, 255])
        #expect(Array(unknown[40..<44]) == [255, 255, 255, 255])
        let expected = try Self.stream(sound, as: .wav, expectedDuration: sound.duration)
        let whole = try AudioEncoder.encodeWhole(sound, as: .wav)
        #expect(expected == whole)
        #expect(Array(whole[4..<8]) == TestSound.word(24_000 + 36))
        #expect(Array(whole[40..<44]) == TestSound.word(24_000))
        #expect(whole.count == 24_044)
    }

    @Test func `a FLAC header states the length of a whole sound`() throws {
        let sound = TestSound.sine(seconds: 0.5)
        func length(_ bytes: [UInt8]) -> Int {
            // 36 bits in the middle of STREAMINFO, which begins at byte 8.
            bytes[22..<26].reduce(Int(bytes[21] & 0xF)) { $0 << 8 | Int($1) }
        }
        #expect(length(try AudioEncoder.encodeWhole(sound, as: .flac)) == 12_000)
        #expect(length(try Self.stream(sound, as: .flac)) == 0)
    }

    @Test func `an absurd expected duration is taken as unknown`() throws {
        for duration in [Duration.seconds(Int64.max), .seconds(-1)] {
            let sound = TestSound.sine(seconds: 0.1)
            let unknown = try Self.stream(sound, as: .wav)
            #expect(try Self.stream(sound, as: .wav, expectedDuration: duration) == unknown)
        }
    }

    @Test(arguments: [AudioFormat.pcm, .wav, .flac], [24_000, 16_000])
    func `samples out of range are clipped and NaN is silence`(format: AudioFormat, rate: Int) throws {
        let wild: [Float] = [.nan, .infinity, -.infinity, 1e38, -1e38, 3, -3, 0.25]
        let sound = PCM(wild.flatMap { [Float](repeating: $0, count: 2400) }, sampleRate: 24_000)
        let output = try Self.decode(
            try AudioEncoder.encodeWhole(sound, as: format, sampleRate: rate),
            as: format,
            sampleRate: rate
        )
        let plateau = rate / 10
        let middles = (0..<wild.count).map { output.samples[$0 * plateau + plateau / 2] }
        for (value, expected) in zip(middles, [0, 1, -1, 1, -1, 1, -1, 0.25] as [Float]) {
            #expect(abs(value - expected) < 0.01)
        }
        #expect(output.peak <= 1)
    }

    @Test(arguments: AudioFormat.allCases)
    func `wild samples and long pieces do no harm`(format: AudioFormat) throws {
        let encoder = try AudioEncoder(format: format, inputRate: 44_100)
        var bytes = try encoder.encode([.nan, .infinity, -.infinity, .greatestFiniteMagnitude])
        bytes += try encoder.encode([Float](repeating: -.greatestFiniteMagnitude, count: 441_000))
        bytes += try encoder.finish()
        #expect(bytes.count > 1000)
    }

    @Test(arguments: AudioFormat.allCases)
    func `a stream of no sound ends properly`(format: AudioFormat) throws {
        let encoder = try AudioEncoder(format: format, inputRate: 24_000)
        _ = try encoder.finish()
        #expect(try encoder.finish().isEmpty)
        #expect(throws: AudioError.self) { try encoder.encode([0]) }
        _ = try AudioEncoder.encodeWhole(PCM(sampleRate: 24_000), as: format)
    }

    @Test(arguments: AudioFormat.allCases)
    func `an abandoned stream gives back what it holds and harms no other`(format: AudioFormat) throws {
        let whole = try Self.stream(TestSound.sine(seconds: 0.2), as: format)
        weak var unused: AudioEncoder?
        weak var begun: AudioEncoder?
        do {
            let first = try AudioEncoder(format: format, inputRate: 24_000)
            let second = try AudioEncoder(format: format, inputRate: 24_000)
            unused = first
            begun = second
            _ = try second.encode(TestSound.sine().samples)
        }
        #expect(unused == nil)
        #expect(begun == nil)
        // Ogg numbers its streams at random.
        let again = try Self.stream(TestSound.sine(seconds: 0.2), as: format)
        if format == .opus { #expect(again.count == whole.count) } else { #expect(again == whole) }
    }

    @Test func `rates that a format lacks are refused`() {
        let cases: [(AudioFormat, Int, Int?)] = [
            (.opus, 24_000, 22_050), (.mulaw, 24_000, 16_000), (.mp3, 24_000, 96_000), (.wav, 24_000, 4000),
            (.wav, 0, nil), (.wav, -1, nil), (.wav, 1_000_000, nil),
        ]
        for (format, input, output) in cases {
            #expect(throws: AudioError.self) {
                try AudioEncoder(format: format, inputRate: input, sampleRate: output)
            }
        }
    }

    @Test func `encoders work side by side`() async throws {
        try await withThrowingTaskGroup(of: PCM.self) { group in
            for format in Self.decodable + Self.decodable {
                group.addTask {
                    let bytes = try Self.stream(TestSound.sine(), as: format, sampleRate: nil)
                    return try Self.decode(bytes, as: format, sampleRate: format.sampleRate(preferring: 24_000))
                }
            }
            for try await output in group { #expect(output.inner().share(of: 440) > 0.99) }
        }
    }
}

import Testing

@testable import Audio

/// Headers that say something untrue about what follows them.
@Suite
struct HeaderSizeTests {
    private static let values: [Int16] = (0..<3000).map { Int16(truncatingIfNeeded: $0 &* 7919 &+ 257) | 1 }
    private static let samples = values.map { Float($0) / 32768 }
    private static let data = TestSound.shorts(values)

    private static func big(_ value: UInt32) -> [UInt8] { TestSound.word(value).reversed() }
    private static func long(_ value: UInt64) -> [UInt8] { (0..<8).map { UInt8(value >> ($0 * 8) & 0xFF) } }

    private static let format = Array("fmt ".utf8) + Array(TestSound.wav(data: [])[16..<36])

    /// A WAV file of the chunks given, with any claims.
    private static func wav(_ riff: UInt32, before: [UInt8] = [], claiming size: UInt32, behind: [UInt8] = [])
        -> [UInt8]
    {
        Array("RIFF".utf8) + TestSound.word(riff) + Array("WAVE".utf8) + before + format + Array("data".utf8)
            + TestSound.word(size) + data + behind
    }

    private static func decode(_ bytes: [UInt8]) throws -> [Float] { try AudioDecoder.decode(bytes: bytes).samples }

    @Test(
        arguments: [0, 8, 36, 100, 6036, 0x7FFF_FFFF, UInt32.max],
        [0, 2, 1000, 6000, 0x7FFF_FFFF, UInt32.max - 8, .max]
    )
    func `a WAV is read to its end, whatever its sizes say`(riff: UInt32, size: UInt32) throws {
        #expect(try Self.decode(Self.wav(riff, claiming: size)) == Self.samples)
    }

    @Test(arguments: [0, 6000, UInt32.max])
    func `a chunk of odd length may lack its padding`(size: UInt32) throws {
        let text = Array("LIST".utf8) + TestSound.word(7) + Array("INFOabc".utf8)
        for before in [text, text + [0], text + text, text + [0] + text, Array("xyz1".utf8) + TestSound.word(1) + [9]] {
            #expect(try Self.decode(Self.wav(0, before: before, claiming: size)) == Self.samples)
        }
    }

    @Test func `chunks behind the samples are no sound`() throws {
        let text = Array("LIST".utf8) + TestSound.word(7) + Array("INFOabc".utf8)
        let tag = Array("ID3".utf8) + [4, 0, 0, 0, 0, 0, 20] + TestSound.noise(20)
        for behind in [
            text, text + [0], text + [0] + text, Array(text.dropLast(3)), [0, 0, 0], [UInt8](repeating: 0, count: 50),
            tag,
        ] {
            #expect(try Self.decode(Self.wav(6036, claiming: 6000, behind: behind)) == Self.samples)
        }
    }

    @Test func `an odd number of bytes of samples may lack its padding too`() throws {
        let bytes = TestSound.wav(bits: 8, data: [UInt8](repeating: 192, count: 101))
        let text = Array("LIST".utf8) + TestSound.word(4) + Array("INFO".utf8)
        for behind in [text, [0] + text] {
            #expect(try Self.decode(bytes + behind) == [Float](repeating: 0.5, count: 101))
            #expect(try Self.decode(bytes + behind + bytes).count == 202)
        }
    }

    @Test func `samples in two chunks are one sound`() throws {
        let half = Array(Self.data.prefix(3000))
        let more = Array("data".utf8) + TestSound.word(3000) + Self.data.suffix(3000)
        #expect(try Self.decode(TestSound.wav(data: half) + more) == Self.samples)
    }

    @Test func `a WAV in the other order of bytes, RF64 and W64 are read to their end`() throws {
        let swapped = stride(from: 0, to: Self.data.count, by: 2).flatMap { [Self.data[$0 + 1], Self.data[$0]] }
        let half: (Int) -> [UInt8] = { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
        for size in [0, 1000, 6000, UInt32.max] {
            let rifx =
                Array("RIFX".utf8) + Self.big(0) + Array("WAVEfmt ".utf8) + Self.big(16) + half(1) + half(1)
                + Self.big(8000) + Self.big(16_000) + half(2) + half(16) + Array("data".utf8) + Self.big(size) + swapped
            #expect(try Self.decode(rifx) == Self.samples)
        }
        for size in [0, 1000, 6000, 1 << 40, UInt64.max] {
            let rf64 =
                Array("RF64".utf8) + TestSound.word(.max) + Array("WAVEds64".utf8) + TestSound.word(28) + Self.long(0)
                + Self.long(size) + Self.long(0) + TestSound.word(0) + Self.format + Array("data".utf8)
                + TestSound.word(.max) + Self.data
            #expect(try Self.decode(rf64) == Self.samples)
            let rest: [UInt8] = [0xF3, 0xAC, 0xD3, 0x11, 0x8C, 0xD1, 0x00, 0xC0, 0x4F, 0x8E, 0xDB, 0x8A]
            let wave64 =
                ChunkedFile.wave64 + Self.long(0) + Array("wave".utf8) + rest + Array("fmt ".utf8) + rest
                + Self.long(40)
                + Self.format[8...] + Array("data".utf8) + rest + Self.long(size == 6000 ? 6024 : size) + Self.data
            #expect(try Self.decode(wave64) == Self.samples, "\(size)")
        }
    }

    @Test(arguments: [0, 1000, 6000, 0x7FFF_FFFF, UInt32.max])
    func `AIFF, AU and CAF are read to their end`(size: UInt32) throws {
        let swapped = stride(from: 0, to: Self.data.count, by: 2).flatMap { [Self.data[$0 + 1], Self.data[$0]] }
        let rate: [UInt8] = [0x40, 0x0B, 0xFA, 0, 0, 0, 0, 0, 0, 0]
        for frames in [0, 10, 3000, UInt32.max] {
            let aiff =
                Array("FORM".utf8) + Self.big(size) + Array("AIFFCOMM".utf8) + Self.big(18) + [0, 1] + Self.big(frames)
                + [0, 16] + rate + Array("SSND".utf8) + Self.big(size == 6000 ? 6008 : size) + Self.big(0) + Self.big(0)
                + swapped
            #expect(try Self.decode(aiff) == Self.samples)
        }
        let au = Array(".snd".utf8) + [24, size, 3, 8000, 1].flatMap(Self.big) + swapped
        #expect(try Self.decode(au) == Self.samples)
        let long = size == .max ? UInt64.max : size == 6000 ? 6004 : UInt64(size)
        let caf =
            Array("caff".utf8) + [0, 1, 0, 0] + Array("desc".utf8) + Self.long(32).reversed()
            + Self.long(Double(8000).bitPattern).reversed() + Array("lpcm".utf8) + [2, 2, 1, 1, 16].flatMap(Self.big)
            + Array("data".utf8) + Self.long(long).reversed() + Self.big(0) + Self.data
        #expect(try Self.decode(caf) == Self.samples)
    }

    @Test(arguments: [0, 100, 3000, 0xF_FFFF_FFFF])
    func `a FLAC is read to its end, whatever it announces`(count: UInt64) throws {
        var bytes = try AudioEncoder.encodeWhole(PCM(Self.samples, sampleRate: 8000), as: .flac)
        let samples = try Self.decode(bytes)
        #expect(samples.count == Self.samples.count)
        let word = bytes[18..<26].reduce(0) { $0 << 8 | UInt64($1) } & ~0xF_FFFF_FFFF | count
        bytes.replaceSubrange(18..<26, with: Self.long(word).reversed())
        #expect(try Self.decode(bytes) == samples)
    }

    @Test func `layer III in WAV is read as such`() throws {
        let sound = TestSound.sine()
        let mp3 = try AudioEncoder.encodeWhole(sound, as: .mp3)
        let wav = TestSound.wav(tag: 0x55, rate: 24_000, bits: 0, data: mp3, claiming: 0)
        JoinedFilesTests.expect(try AudioDecoder.decode(bytes: wav), holds: [440])
    }

    @Test func `huge announcements take no memory`() throws {
        var taken = 0
        let bytes = Self.wav(.max, claiming: 0xFFFF_FFF0)
        _ = try AudioDecoder.decode(bytes: bytes, sampleRate: 16_000) { taken += $0 }
        #expect(taken < 30_000)
    }
}

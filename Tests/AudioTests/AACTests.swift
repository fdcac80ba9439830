import Testing

@testable import Audio

/// AAC frames, looked at without a decoder.
@Suite
struct AACTests {
    /// The rates by their number in an ADTS header.
    private static let rates = [
        96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8000,
    ]

    /// The lengths of the frames that `bytes` consist of; nil when they do not consist of frames of one channel.
    private static func frames(_ bytes: [UInt8], rate: Int) -> [Int]? {
        var lengths: [Int] = []
        var start = 0
        while start < bytes.count {
            guard bytes.count - start >= 7, bytes[start] == 0xFF, bytes[start + 1] & 0xF6 == 0xF0,
                rates[Int(bytes[start + 2] >> 2 & 0xF)] == rate,
                (bytes[start + 2] & 1) << 2 | bytes[start + 3] >> 6 == 1
            else { return nil }
            let length =
                Int(bytes[start + 3] & 3) << 11 | Int(bytes[start + 4]) << 3 | Int(bytes[start + 5] >> 5)
            guard length > 7, start + length <= bytes.count else { return nil }
            lengths.append(length)
            start += length
        }
        return lengths
    }

    @Test(arguments: [8000, 11_025, 16_000, 22_050, 24_000, 44_100, 48_000, 96_000])
    func `a second is whole frames that hold all of it`(rate: Int) throws {
        let bytes = try AudioEncoder.encodeWhole(TestSound.sine(rate: rate), as: .aac)
        let frames = try #require(Self.frames(bytes, rate: rate))
        let needed = rate + AACEncoding.delay
        #expect(frames.count == (needed + AACEncoding.frame - 1) / AACEncoding.frame)
        #expect(AudioKind(of: MemorySource(bytes, name: "")) == .aac)
    }

    @Test func `a stream has the same frames as the whole`() throws {
        let sound = TestSound.sine()
        let streamed = try AudioEncoderTests.stream(sound, as: .aac)
        #expect(streamed == (try AudioEncoder.encodeWhole(sound, as: .aac)))
    }

    @Test func `a frame comes as soon as its samples are there`() throws {
        let encoder = try AudioEncoder(format: .aac, inputRate: 24_000, sampleRate: 24_000)
        // The first frame that is sent is the one on which that with the first sound leans.
        #expect(try encoder.encode([Float](repeating: 0.1, count: 1599)).isEmpty)
        #expect(Self.frames(try encoder.encode([0.1]), rate: 24_000)?.count == 1)
        #expect(Self.frames(try encoder.encode([Float](repeating: 0.1, count: 4096)), rate: 24_000)?.count == 4)
    }

    @Test func `the bit rate is about three bits a sample`() throws {
        let bytes = try AudioEncoder.encodeWhole(TestSound.sine(), as: .aac)
        #expect((6000...12_000).contains(bytes.count))
    }
}

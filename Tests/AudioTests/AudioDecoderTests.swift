import Foundation
import Testing

@testable import Audio

@Suite
struct AudioDecoderTests {
    @Test(arguments: [AudioFormat.wav, .mp3, .opus, .flac])
    func `a file decodes as its bytes do, whatever it is called`(format: AudioFormat) throws {
        let files = try TestFiles()
        let bytes = try AudioEncoder.encodeWhole(TestSound.sine(), as: format)
        let path = try files.write(bytes, to: "voice.txt")
        let sound = try AudioDecoder.decode(file: path)
        #expect(sound == (try AudioDecoder.decode(bytes: bytes)))
        #expect(sound.inner().share(of: 440) > 0.99)
    }

    @Test func `an MP3 behind a tag is found`() throws {
        let mp3 = try AudioEncoder.encodeWhole(TestSound.sine(), as: .mp3)
        let tag = Array("ID3".utf8) + [4, 0, 0, 0, 0, 2, 0] + [UInt8](repeating: 0, count: 256)
        #expect(try AudioDecoder.decode(bytes: tag + mp3).inner().share(of: 440) > 0.99)
    }

    @Test func `the rate can be converted while decoding`() throws {
        let bytes = try AudioEncoder.encodeWhole(TestSound.sine(rate: 44_100), as: .wav)
        let sound = try AudioDecoder.decode(bytes: bytes, sampleRate: 16_000)
        #expect(sound.sampleRate == 16_000)
        #expect(abs(sound.samples.count - 16_000) <= 1)
        #expect(sound.inner().share(of: 440) > 0.999)
    }

    @Test func `channels are averaged`() throws {
        let stereo = TestSound.wav(channels: 2, data: TestSound.shorts([16_384, 0, -16_384, 16_384, 8192, 8192]))
        #expect(try AudioDecoder.decode(bytes: stereo).samples == [0.25, 0, 0.25])
    }

    @Test func `floats keep their value when finite and are mended when not`() throws {
        let samples: [Float] = [.nan, .infinity, -.infinity, 0.5, -2.5, 1e30]
        let file = TestSound.wav(tag: 3, bits: 32, data: TestSound.floats(samples))
        #expect(try AudioDecoder.decode(bytes: file).samples == [0, 1, -1, 0.5, -2.5, 1e30])
        let stereo = TestSound.wav(
            tag: 3,
            channels: 2,
            bits: 32,
            data: TestSound.floats([3e38, 3e38, .nan, 1, .infinity, 0])
        )
        #expect(try AudioDecoder.decode(bytes: stereo).samples == [3e38, 0.5, 0.5])
        let huge = (0..<1000).map { $0 % 2 == 0 ? Float.greatestFiniteMagnitude : -.greatestFiniteMagnitude }
        let loud = TestSound.wav(tag: 3, bits: 32, data: TestSound.floats(huge))
        #expect(try AudioDecoder.decode(bytes: loud, sampleRate: 48_000).samples.allSatisfy(\.isFinite))
    }

    @Test(arguments: [UInt32.max, UInt32.max - 36, 4_000_000_000, 100_000])
    func `a header that claims too much gives what is there`(size: UInt32) throws {
        let data = TestSound.shorts([Int16](repeating: 1000, count: 4000))
        let sound = try AudioDecoder.decode(bytes: TestSound.wav(data: data, claiming: size))
        #expect(sound.samples == [Float](repeating: 1000 / 32768, count: 4000))
    }

    @Test(arguments: [AudioFormat.wav, .mp3, .opus, .flac])
    func `a file cut short gives what is there`(format: AudioFormat) throws {
        let bytes = try AudioEncoder.encodeWhole(TestSound.sine(seconds: 4), as: format)
        let sound = try AudioDecoder.decode(bytes: Array(bytes.prefix(bytes.count / 2)))
        #expect(sound.duration > .seconds(1.5) && sound.duration < .seconds(2.5))
        #expect(sound.inner().share(of: 440) > 0.98)
    }

    @Test func `raw samples decode`() throws {
        let pcm = try AudioDecoder.decode(raw: [0, 0x40, 0, 0xC0, 7], as: .pcm, sampleRate: 24_000)
        #expect(pcm == PCM([0.5, -0.5], sampleRate: 24_000))
        #expect(
            try AudioDecoder.decode(raw: [0xFF, 0x80], as: .mulaw, sampleRate: 8000).samples == [0, 32_124 / 32768]
        )
        #expect(try AudioDecoder.decode(raw: [0xD5], as: .alaw, sampleRate: 8000).samples == [8 / 32768])
        #expect(try AudioDecoder.decode(raw: [], as: .pcm, sampleRate: 8000).isEmpty)
        #expect(try AudioDecoder.decode(raw: [1], as: .pcm, sampleRate: 8000).isEmpty)
        #expect(throws: AudioError.notRaw(.mp3)) { try AudioDecoder.decode(raw: [1], as: .mp3, sampleRate: 8000) }
        #expect(throws: AudioError.self) { try AudioDecoder.decode(raw: [1], as: .pcm, sampleRate: 0) }
    }
}

/// What is refused, and how.
@Suite
struct AudioDecoderErrorTests {
    private static func error(_ bytes: [UInt8], limits: AudioDecoder.Limits = .init()) -> AudioError? {
        #expect(throws: AudioError.self) { try AudioDecoder.decode(bytes: bytes, limits: limits) }
    }

    private static func error(file path: String, limits: AudioDecoder.Limits = .init()) -> AudioError? {
        #expect(throws: AudioError.self) { try AudioDecoder.decode(file: path, limits: limits) }
    }

    @Test func `paths that are no readable file`() throws {
        let files = try TestFiles()
        #expect(Self.error(file: files.path("none.wav")) == .fileNotFound(path: files.path("none.wav")))
        #expect(Self.error(file: "") == .fileNotFound(path: ""))
        #expect(Self.error(file: "/dev/zero\0") == .fileNotFound(path: "/dev/zero\0"))
        #expect(Self.error(file: files.folder) == .isDirectory(path: files.folder))
        mkfifo(files.path("pipe"), 0o600)
        #expect(
            Self.error(file: files.path("pipe")) == .notReadable(path: files.path("pipe"), reason: "not a regular file")
        )
        #expect(Self.error(file: "/dev/zero") == .notReadable(path: "/dev/zero", reason: "not a regular file"))
        symlink(files.path("loop"), files.path("loop"))
        guard case .notReadable = Self.error(file: files.path("loop")) else {
            Issue.record("a link to itself cannot be read")
            return
        }
    }

    @Test(.enabled(if: geteuid() != 0, "the superuser may read everything"))
    func `a file without permission`() throws {
        let files = try TestFiles()
        let path = try files.write([1], to: "secret.wav")
        chmod(path, 0)
        #expect(Self.error(file: path) == .notReadable(path: path, reason: "Permission denied"))
    }

    @Test func `nothing at all`() throws {
        let files = try TestFiles()
        #expect(Self.error([]) == .empty(source: "the audio"))
        let path = try files.write([], to: "empty.wav")
        #expect(Self.error(file: path) == .empty(source: "\"\(path)\""))
        #expect(Self.error(TestSound.wav(data: [])) == .empty(source: "the audio"))
        #expect(
            Self.error(try AudioEncoder.encodeWhole(PCM(sampleRate: 8000), as: .wav)) == .empty(source: "the audio")
        )
    }

    @Test func `content that is no audio`() {
        let contents: [[UInt8]] = [
            Array("Good morning, this is a letter.".utf8), [0], [0xFF], [0xFF, 0xFB], Array("RIFF".utf8),
            Array("RIFF0000AVI LIST".utf8), Array("ID3".utf8), [UInt8](repeating: 0, count: 5000),
            [UInt8](repeating: 0xFF, count: 5000), Array("%PDF-1.7".utf8), Array("#!/bin/sh".utf8),
        ]
        for content in contents { #expect(Self.error(content) == .notAudio(source: "the audio")) }
        for seed in 1...200 as ClosedRange<UInt64> {
            #expect(Self.error(TestSound.noise(3000, seed: seed)) == .notAudio(source: "the audio"))
        }
    }

    @Test(arguments: ["RIFF\0\0\0\0WAVE", "fLaC", "OggS", "FORM\0\0\0\0AIFF", ".snd", "caff", "ID3\u{4}\0\0\0\0\0\0"])
    func `noise behind the first bytes of audio`(magic: String) {
        for seed in 1...20 as ClosedRange<UInt64> {
            switch Self.error(Array(magic.utf8) + TestSound.noise(3000, seed: seed)) {
            case .corrupt, .empty, .unsupportedRate, .unsupportedChannels: break
            case let other: Issue.record("\(String(describing: other))")
            }
        }
    }

    @Test func `damaged files are refused or give sound of a sensible length`() throws {
        for format in [AudioFormat.wav, .mp3, .opus, .flac] {
            let bytes = try AudioEncoder.encodeWhole(TestSound.sine(seconds: 0.3), as: format)
            for seed in 1...60 as ClosedRange<UInt64> {
                var damaged = bytes
                let noise = TestSound.noise(24, seed: seed)
                for index in stride(from: 0, to: 24, by: 3) {
                    let place = (Int(noise[index]) << 8 | Int(noise[index + 1])) % (index < 12 ? 200 : bytes.count)
                    damaged[min(place, bytes.count - 1)] = noise[index + 2]
                }
                do {
                    let sound = try AudioDecoder.decode(bytes: damaged)
                    #expect(sound.duration <= AudioDecoder.Limits().maximumDuration, "\(format) \(seed)")
                    #expect(!sound.samples.contains { !$0.isFinite }, "\(format) \(seed)")
                } catch is AudioError {}
            }
        }
    }

    @Test func `too many bytes`() throws {
        let files = try TestFiles()
        let wav = try AudioEncoder.encodeWhole(TestSound.sine(), as: .wav)
        let limits = AudioDecoder.Limits(maximumBytes: wav.count - 1)
        #expect(Self.error(wav, limits: limits) == .tooLarge(source: "the audio", maximumBytes: wav.count - 1))
        let path = try files.write(wav, to: "voice.wav")
        #expect(Self.error(file: path, limits: limits) == .tooLarge(source: "\"\(path)\"", maximumBytes: wav.count - 1))
        #expect(try AudioDecoder.decode(bytes: wav, limits: .init(maximumBytes: wav.count)).duration == .seconds(1))
    }

    @Test(arguments: [AudioFormat.wav, .mp3, .opus, .flac])
    func `too long a sound`(format: AudioFormat) throws {
        let bytes = try AudioEncoder.encodeWhole(TestSound.sine(seconds: 3), as: format)
        #expect(
            Self.error(bytes, limits: .init(maximumDuration: .seconds(2)))
                == .tooLong(source: "the audio", maximum: .seconds(2))
        )
        #expect(
            Self.error(bytes, limits: .init(maximumSamples: 24_000))
                == .tooLong(source: "the audio", maximum: .seconds(1))
        )
        _ = try AudioDecoder.decode(bytes: bytes, limits: .init(maximumDuration: .seconds(4)))
    }

    @Test func `ten hours in a file with holes`() throws {
        let files = try TestFiles()
        let length = 10 * 3600 * 8000
        let path = try files.write(TestSound.wav(tag: 7, bits: 8, data: [], claiming: UInt32(length)), to: "long.wav")
        truncate(path, 44 + length)
        #expect(
            Self.error(file: path, limits: .init(maximumBytes: .max, maximumDuration: .seconds(10)))
                == .tooLong(source: "\"\(path)\"", maximum: .seconds(10))
        )
        #expect(Self.error(file: path) == .tooLarge(source: "\"\(path)\"", maximumBytes: 200_000_000))
    }

    @Test func `a duration limit beyond all bounds is no limit`() throws {
        let wav = try AudioEncoder.encodeWhole(TestSound.sine(), as: .wav)
        let sound = try AudioDecoder.decode(bytes: wav, limits: .init(maximumDuration: .seconds(Int64.max)))
        #expect(sound.duration == .seconds(1))
    }

    @Test func `rates and channels out of range`() {
        let data = [UInt8](repeating: 0, count: 660)
        guard case .unsupportedRate(999, _) = Self.error(TestSound.wav(rate: 999, data: data)),
            case .unsupportedRate(768_001, _) = Self.error(TestSound.wav(rate: 768_001, data: data))
        else {
            Issue.record("a rate out of range was taken")
            return
        }
        #expect(
            Self.error(TestSound.wav(channels: 33, data: data)) == .unsupportedChannels(33, source: "the audio")
        )
        #expect(throws: AudioError.self) {
            try AudioDecoder.decode(bytes: TestSound.wav(data: data), sampleRate: 10)
        }
    }

    @Test func `every error is one sentence that names what it is about`() {
        let errors: [AudioError] = [
            .fileNotFound(path: "/a"), .isDirectory(path: "/a"), .notReadable(path: "/a", reason: "r"),
            .empty(source: "/a"), .tooLarge(source: "/a", maximumBytes: 1),
            .tooLong(source: "/a", maximum: .seconds(1)),
            .notAudio(source: "/a"), .corrupt(source: "/a", reason: "r"), .unsupportedChannels(40, source: "/a"),
            .ffmpegMissing(source: "/a", kind: "AAC"), .ffmpegFailed(source: "/a", reason: "r"),
        ]
        for error in errors {
            #expect("\(error)".contains("/a") && !"\(error)".contains("\n"))
        }
        #expect("\(AudioError.ffmpegMissing(source: "/a", kind: "AAC"))".contains("apt-get install ffmpeg"))
    }
}

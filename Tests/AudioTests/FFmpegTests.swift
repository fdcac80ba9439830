import Foundation
import TestProcess
import Testing

@testable import Audio

/// The `ffmpeg` program and scripts in its place.
@Suite
struct FFmpegTests {
    private static let m4a: [UInt8] = [0, 0, 0, 0x1C] + Array("ftypM4A ".utf8) + [UInt8](repeating: 0, count: 100)

    private static func decode(_ bytes: [UInt8], by ffmpeg: FFmpeg?, limits: AudioDecoder.Limits = .init()) throws
        -> PCM
    {
        try AudioDecoder.decode(
            MemorySource(bytes, name: "the upload"),
            limits: limits,
            sampleRate: nil,
            ffmpeg: ffmpeg
        )
    }

    /// A script that writes an AU stream with the given channels and then runs `rest`.
    private static func auScript(rate: UInt32, channels: UInt32, samples: [Float], then rest: String = "") -> String {
        let words = [0x2E73_6E64, 28, .max, 6, rate, channels, 0] + samples.map(\.bitPattern)
        let octal = words.flatMap { TestSound.word($0).reversed() }.map { "\\0" + String($0, radix: 8) }.joined()
        return "printf '%b' '\(octal)'\n\(rest)"
    }

    @Test func `the kinds for ffmpeg are told apart`() {
        func kind(_ bytes: [UInt8]) -> AudioKind? { AudioKind(of: MemorySource(bytes, name: "")) }
        #expect(kind(Self.m4a) == .mp4)
        #expect(kind([0x1A, 0x45, 0xDF, 0xA3, 0x9F]) == .matroska)
        let adts: [UInt8] = [0xFF, 0xF1, 0x50, 0x40, 0x01, 0x3F, 0xFC, 0, 0]
        #expect(kind(adts + adts) == .aac)
        #expect(kind(adts + [1, 2, 3, 4, 5, 6, 7]) == nil)
    }

    @Test func `without the program the error says how to get it`() {
        let error = #expect(throws: AudioError.self) { try Self.decode(Self.m4a, by: nil) }
        #expect(error == .ffmpegMissing(source: "the upload", kind: "MP4 or M4A"))
    }

    @Test func `the program is looked for in each folder of the path`() throws {
        let files = try TestFiles()
        #expect(FFmpeg.find(path: "\(files.folder):/nowhere") == nil)
        #expect(FFmpeg.find(path: nil) == nil)
        _ = try files.write([], to: "ffmpeg")
        chmod(files.path("ffmpeg"), 0o700)
        #expect(FFmpeg.find(path: "/nowhere::\(files.folder)")?.program == files.path("ffmpeg"))
    }

    @Test func `its output becomes mono sound at its rate`() throws {
        let files = try TestFiles()
        let samples: [Float] = [0.5, 0.25, -1, 0, .nan, 1]
        let program = try files.script(Self.auScript(rate: 22_050, channels: 2, samples: samples))
        #expect(try Self.decode(Self.m4a, by: FFmpeg(program: program)) == PCM([0.375, -0.5, 0.5], sampleRate: 22_050))
    }

    @Test func `it gets the whole content as a file and nothing else is open`() throws {
        let files = try TestFiles()
        let copy = files.path("copy")
        let list = files.path("list")
        let program = try files.script(
            "cat /dev/fd/3 > \(copy); ls /proc/self/fd > \(list)\n"
                + Self.auScript(rate: 8000, channels: 1, samples: [1])
        )
        _ = try Self.decode(Self.m4a, by: FFmpeg(program: program))
        #expect(FileManager.default.contents(atPath: copy).map { [UInt8]($0) } == Self.m4a)
        // `ls` has the folder itself open as the next free number.
        let open = String(decoding: FileManager.default.contents(atPath: list) ?? Data(), as: UTF8.self)
        #expect(open.split(separator: "\n") == ["0", "1", "2", "3", "4"])
    }

    @Test func `its message is part of the error`() throws {
        let files = try TestFiles()
        let program = try files.script("echo 'moov atom not found.' >&2; exit 3")
        let error = #expect(throws: AudioError.self) { try Self.decode(Self.m4a, by: FFmpeg(program: program)) }
        #expect(error == .ffmpegFailed(source: "the upload", reason: "moov atom not found"))
    }

    @Test func `a flood of messages neither blocks nor fills memory`() throws {
        let files = try TestFiles()
        let program = try files.script("head -c 3000000 /dev/zero | tr '\\0' x >&2; exit 1")
        let error = #expect(throws: AudioError.self) { try Self.decode(Self.m4a, by: FFmpeg(program: program)) }
        #expect(error == .ffmpegFailed(source: "the upload", reason: String(repeating: "x", count: 300)))
    }

    @Test func `other ways to fail`() throws {
        let files = try TestFiles()
        for (text, reason) in [
            ("exit 7", "status 7"), ("kill -TERM $$", "status 143"),
            ("echo this is not the sound that was asked for", "it wrote something other than sound"),
        ] {
            let program = try files.script(text)
            let error = #expect(throws: AudioError.self) { try Self.decode(Self.m4a, by: FFmpeg(program: program)) }
            #expect(error == .ffmpegFailed(source: "the upload", reason: reason))
        }
        let missing = FFmpeg(program: files.path("none"))
        #expect(throws: AudioError.self) { try Self.decode(Self.m4a, by: missing) }
        let silent = FFmpeg(program: try files.script("exit 0"))
        #expect(throws: AudioError.empty(source: "the upload")) { try Self.decode(Self.m4a, by: silent) }
    }

    @Test func `a program that hangs is ended with all it started`() throws {
        let files = try TestFiles()
        let numbers = files.path("numbers")
        let program = try files.script("sleep 1000 & echo $! $$ > \(numbers); wait")
        let error = #expect(throws: AudioError.self) {
            try Self.decode(Self.m4a, by: FFmpeg(program: program, deadline: .seconds(3)))
        }
        #expect(error == .ffmpegFailed(source: "the upload", reason: "it took longer than 3.0 s"))
        let text = String(decoding: FileManager.default.contents(atPath: numbers) ?? Data(), as: UTF8.self)
        let processes = text.split(whereSeparator: \.isWhitespace).compactMap { pid_t($0) }
        #expect(processes.count == 2)
        // The program itself has been waited for; what it started may be a zombie of another parent for a moment.
        if let own = processes.last { #expect(kill(own, 0) == -1 && errno == ESRCH) }
    }

    @Test func `endless output ends at the limit`() throws {
        let files = try TestFiles()
        let program = try files.script(Self.auScript(rate: 8000, channels: 1, samples: [], then: "exec cat /dev/zero"))
        #expect(throws: AudioError.tooLong(source: "the upload", maximum: .seconds(60))) {
            try Self.decode(Self.m4a, by: FFmpeg(program: program), limits: .init(maximumDuration: .seconds(60)))
        }
    }

    @Test(.enabled(if: FFmpeg.find() != nil, "needs the ffmpeg program"), arguments: ["m4a", "webm", "aac", "mp4"])
    func `the real program decodes what it encoded`(kind: String) throws {
        let files = try TestFiles()
        let ffmpeg = try #require(FFmpeg.find())
        let wav = try files.write(try AudioEncoder.encodeWhole(TestSound.sine(rate: 48_000), as: .wav), to: "voice.wav")
        let arguments = ["-nostdin", "-loglevel", "error", "-i", wav, "-ac", "2", files.path("voice.\(kind)")]
        try #require(try TestProcess.run(ffmpeg.program, arguments) == 0)
        let sound = try AudioDecoder.decode(file: files.path("voice.\(kind)"))
        #expect(sound.sampleRate == 48_000)
        #expect(abs(sound.duration.seconds - 1) < 0.1)
        #expect(sound.inner().share(of: 440) > 0.99)
        let bytes = [UInt8](try #require(FileManager.default.contents(atPath: files.path("voice.\(kind)"))))
        #expect(try AudioDecoder.decode(bytes: bytes) == sound)
        #expect(throws: AudioError.self) { try AudioDecoder.decode(bytes: Array(bytes.prefix(200))) }
    }
}

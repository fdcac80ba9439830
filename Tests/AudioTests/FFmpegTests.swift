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
        #expect(kind([0, 0, 0, 8] + Array("wide".utf8) + [0, 0, 0, 0] + Array("mdat".utf8)) == .mp4)
        #expect(kind([0, 0, 0, 0x14] + Array("ftyp3gp4".utf8)) == .mp4)
        #expect(kind(Array("#!AMR\n".utf8) + [0x3C]) == .amr)
        #expect(kind(Array("#!AMR-WB\n".utf8) + [0x3C]) == .amr)
        #expect(kind(AudioKind.windowsMedia) == .asf)
        let adts: [UInt8] = [0xFF, 0xF1, 0x50, 0x40, 0x01, 0x3F, 0xFC, 0, 0]
        #expect(kind(adts + adts) == .aac)
        #expect(kind(adts + [1, 2, 3, 4, 5, 6, 7]) == nil)
    }

    @Test func `without the program the error says how to get it`() {
        let error = #expect(throws: AudioError.self) { try Self.decode(Self.m4a, by: nil) }
        #expect(error == .ffmpegMissing(source: "the upload", kind: "MP4, M4A, MOV or 3GP"))
    }

    @Test func `the program sees nothing of the environment that may be secret`() throws {
        let files = try TestFiles()
        let seen = files.path("environment")
        setenv("ANTIPHON_TEST_SECRET", "not for others", 1)
        defer { unsetenv("ANTIPHON_TEST_SECRET") }
        let script = Self.auScript(rate: 8000, channels: 1, samples: [1], then: "env >'\(seen)'")
        _ = try Self.decode(Self.m4a, by: FFmpeg(program: try files.script(script)))
        let names = try String(contentsOfFile: seen, encoding: .utf8).split(separator: "\n").map {
            String($0.prefix { $0 != "=" })
        }
        #expect(names.contains("PATH"))
        // What the shell of the script adds by itself.
        let ofTheShell: Set = ["PWD", "OLDPWD", "SHLVL", "_"]
        #expect(Set(names).subtracting(ChildProcess.inheritedVariables).subtracting(ofTheShell).isEmpty)
    }

    @Test func `what libsndfile cannot read goes to the program`() throws {
        let desc = [0, 0, 0, 0, 960, 1, 0].flatMap { TestSound.word($0).reversed() }
        let caf =
            Array("caff".utf8) + [0, 1, 0, 0] + Array("desc".utf8) + [0, 0, 0, 0, 0, 0, 0, 32]
            + [0x40, 0xE7, 0x70, 0, 0, 0, 0, 0] + Array("opus".utf8) + desc.prefix(20) + Array("data".utf8)
            + [0, 0, 0, 0, 0, 0, 0, 8] + [0, 0, 0, 0, 1, 2, 3, 4]
        let wav = TestSound.wav(tag: 0x45, bits: 4, data: [1, 2, 3, 4])
        let speex = Array("OggS".utf8) + [0, 2] + [UInt8](repeating: 0, count: 20) + [1, 80] + Array("Speex   ".utf8)
        let files = try TestFiles()
        let ffmpeg = FFmpeg(program: try files.script(Self.auScript(rate: 8000, channels: 1, samples: [1])))
        for (bytes, kind) in [
            (caf, "CAF with an uncommon codec"), (wav, "WAV with an uncommon codec"),
            (speex + [UInt8](repeating: 0, count: 72), "Ogg with Speex"), (Array("#!AMR\n".utf8) + [0x3C], "AMR"),
            (AudioKind.windowsMedia, "WMA"),
        ] {
            let error = #expect(throws: AudioError.self) { try Self.decode(bytes, by: nil) }
            #expect(error == .ffmpegMissing(source: "the upload", kind: kind))
            #expect(try Self.decode(bytes, by: ffmpeg) == PCM([1], sampleRate: 8000))
        }
    }

    @Test func `each of several files joined goes to the program by itself`() throws {
        let files = try TestFiles()
        let sizes = files.path("sizes")
        let program = try files.script(
            "wc -c < /dev/fd/3 >> \(sizes)\n" + Self.auScript(rate: 8000, channels: 1, samples: [0.5, 0.25])
        )
        let mp4: [UInt8] =
            [0, 0, 0, 16] + Array("ftypM4A \0\0\0\0".utf8) + [0, 0, 0, 12] + Array("mdat".utf8) + [1, 2, 3, 4]
        let webm: [UInt8] = EBML.magic + [0x87, 0x42, 0x82, 0x84] + Array("webm".utf8) + [1, 2, 3]
        let amr = Array("#!AMR\n".utf8) + [0x3C, 9]
        let sound = try Self.decode(mp4 + mp4 + webm + webm, by: FFmpeg(program: program))
        #expect(sound.samples == [0.5, 0.25, 0.5, 0.25, 0.5, 0.25, 0.5, 0.25])
        _ = try Self.decode(amr + amr, by: FFmpeg(program: program))
        let text = String(decoding: FileManager.default.contents(atPath: sizes) ?? Data(), as: UTF8.self)
        #expect(text.split(whereSeparator: \.isWhitespace).compactMap { Int($0) } == [28, 28, 15, 15, 8, 8])
    }

    @Test func `a file without sound among others is refused`() throws {
        let files = try TestFiles()
        let amr = Array("#!AMR\n".utf8)
        for nothing in ["exit 0", Self.auScript(rate: 8000, channels: 1, samples: [], then: "exit 0")] {
            let program = try files.script(
                "if [ $(wc -c < /dev/fd/3) = 8 ]; then \(nothing)\nfi\n"
                    + Self.auScript(rate: 8000, channels: 1, samples: [0.5])
            )
            let error = #expect(throws: AudioError.self) {
                try Self.decode(amr + [0x3C] + amr + [0x3C, 9], by: FFmpeg(program: program))
            }
            #expect(
                error
                    == .ffmpegFailed(source: "the upload", reason: "file 2 of those joined in it: it has no sound")
            )
        }
    }

    @Test func `without room for a temporary file the error says so`() throws {
        let files = try TestFiles()
        let error = #expect(throws: AudioError.self) {
            try MemorySource([1], name: "the upload").withTemporaryFile(in: files.path("none")) { _ in }
        }
        #expect(error == .noTemporaryFile(reason: "No such file or directory"))
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

    @Test(arguments: [
        (
            "[mov,mp4 @ 0x55d0c8] moov atom not found",
            "its index is missing, since the recording was not ended properly"
        ),
        ("file:/dev/fd/3: Invalid data found when processing input", "it is damaged"),
        ("Stream map '0:a:0' matches no streams.", "it has no sound"),
        ("[aac @ 0x7f3a5c] a message that nobody knows of /dev/fd/3", "status 3"),
    ])
    func `its message never leaves, but what it means does`(message: String, reason: String) throws {
        let files = try TestFiles()
        let program = try files.script("echo \"\(message)\" >&2; exit 3")
        let error = #expect(throws: AudioError.self) { try Self.decode(Self.m4a, by: FFmpeg(program: program)) }
        #expect(error == .ffmpegFailed(source: "the upload", reason: reason))
    }

    @Test func `a flood of messages neither blocks nor fills memory`() throws {
        let files = try TestFiles()
        let program = try files.script("head -c 3000000 /dev/zero | tr '\\0' x >&2; exit 1")
        let error = #expect(throws: AudioError.self) { try Self.decode(Self.m4a, by: FFmpeg(program: program)) }
        #expect(error == .ffmpegFailed(source: "the upload", reason: "status 1"))
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

    @Test(
        .enabled(if: FFmpeg.find() != nil, "needs the ffmpeg program"),
        arguments: ["m4a", "webm", "aac", "mp4", "mov", "wma", "mka"]
    )
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
        #expect(throws: AudioError.self) { try AudioDecoder.decode(bytes: Array(bytes.prefix(100))) }
        JoinedFilesTests.expect(try AudioDecoder.decode(bytes: bytes + bytes), holds: [440, 440], within: 0.1)
    }

    @Test(
        .enabled(if: FFmpeg.find() != nil, "needs the ffmpeg program"),
        arguments: [
            ["-f", "wav"], ["-f", "aiff"], ["-f", "au"], ["-f", "w64"], ["-f", "caf"], ["-f", "flac"], ["-f", "ogg"],
            ["-f", "mp3", "-q:a", "4"], ["-f", "webm"], ["-f", "adts"], ["-f", "asf"], ["-f", "mp2"],
        ]
    )
    func `what the real program writes to a pipe is read to the end, joined too`(form: [String]) throws {
        let files = try TestFiles()
        let ffmpeg = try #require(FFmpeg.find())
        var bytes: [UInt8] = []
        for tone in [440.0, 1000] {
            let sound = TestSound.sine(tone, rate: 48_000)
            let wav = try files.write(try AudioEncoder.encodeWhole(sound, as: .wav), to: "voice.wav")
            let output = files.path("output")
            let command = [ffmpeg.program, "-nostdin", "-loglevel", "error", "-i", wav] + form + ["-"]
            try #require(try TestProcess.run("/bin/sh", ["-c", "\"$@\" | cat > \(output)", "sh"] + command) == 0)
            bytes += [UInt8](try #require(FileManager.default.contents(atPath: output)))
        }
        JoinedFilesTests.expect(try AudioDecoder.decode(bytes: bytes), holds: [440, 1000], within: 0.1)
    }
}

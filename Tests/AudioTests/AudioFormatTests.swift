import Testing

@testable import Audio

@Suite
struct AudioFormatTests {
    @Test func `usual names are understood`() {
        let names: [(String, AudioFormat)] = [
            ("wav", .wav), ("WAVE", .wav), ("audio/x-wav", .wav), ("MP3", .mp3), ("audio/mpeg", .mp3),
            ("aac", .aac), ("audio/aac", .aac), ("opus", .opus), ("ogg", .opus), ("audio/ogg; codecs=opus", .opus),
            ("flac", .flac), ("pcm", .pcm),
            ("pcm16", .pcm), ("s16le", .pcm), ("audio/pcm;rate=24000", .pcm), ("ulaw", .mulaw), ("µ-law", .mulaw),
            ("g711_ulaw", .mulaw), ("audio/PCMU", .mulaw), (" alaw ", .alaw), ("g711_alaw", .alaw), ("pcma", .alaw),
        ]
        for (name, format) in names { #expect(AudioFormat(name: name) == format, "\(name)") }
    }

    @Test(arguments: ["", "m4a", "mp4", "wav2", "; wav"])
    func `other names are refused`(name: String) {
        #expect(AudioFormat(name: name) == nil)
    }

    @Test(arguments: AudioFormat.allCases)
    func `a format is found again by its own names`(format: AudioFormat) {
        #expect(AudioFormat(name: format.rawValue) == format)
        #expect(AudioFormat(name: format.fileExtension) == format)
        #expect(AudioFormat(name: format.mimeType) == format)
    }

    @Test(arguments: AudioFormat.allCases)
    func `the rate preferred is kept when supported, and what is chosen is supported`(format: AudioFormat) {
        for rate in [1, 8000, 11_025, 16_000, 22_050, 24_000, 44_100, 48_000, 96_000, 1_000_000] {
            let chosen = format.sampleRate(preferring: rate)
            #expect(format.supports(sampleRate: chosen))
            if format.supports(sampleRate: rate) { #expect(chosen == rate) }
        }
    }

    @Test func `the nearest rate that loses nothing is chosen`() {
        #expect(AudioFormat.opus.sampleRate(preferring: 22_050) == 48_000)
        #expect(AudioFormat.opus.sampleRate(preferring: 24_000) == 24_000)
        #expect(AudioFormat.mp3.sampleRate(preferring: 23_000) == 24_000)
        #expect(AudioFormat.mp3.sampleRate(preferring: 96_000) == 48_000)
        #expect(AudioFormat.mulaw.sampleRate(preferring: 24_000) == 8000)
        #expect(AudioFormat.wav.sampleRate(preferring: 22_050) == 22_050)
    }
}

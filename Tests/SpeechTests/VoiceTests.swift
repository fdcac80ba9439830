import Testing

@testable import Speech

@Suite struct VoiceTests {
    private let registry = VoiceRegistry([
        Voice(engine: "piper", name: "joe", languages: ["en-US"], summary: "Joe"),
        Voice(engine: "espeak-ng", name: "en-us", languages: ["en-us"], summary: "English"),
        Voice(engine: "espeak-ng", name: "joe", languages: [], summary: "Another"),
    ])

    @Test(arguments: ["joe", "JOE", "piper/joe", "Piper/Joe"])
    func `a voice is found by name or identifier in any case`(name: String) throws {
        #expect(try registry.voice(named: name).id == "piper/joe")
    }

    @Test func `an identifier chooses between voices of the same name`() throws {
        #expect(try registry.voice(named: "espeak-ng/joe").engine == "espeak-ng")
    }

    @Test(arguments: ["../joe", "/etc/passwd", "", "piper/../joe", String(repeating: "x", count: 100_000)])
    func `anything else is unknown, whatever it looks like`(name: String) {
        #expect(throws: SpeechError.self) { try registry.voice(named: name) }
    }

    @Test func `a near miss is suggested`() {
        #expect(throws: SpeechError.unknownVoice("jo", suggestions: ["piper/joe", "espeak-ng/joe"])) {
            try registry.voice(named: "jo")
        }
    }

    @Test(arguments: [0, -1, 0.2, 4.1, 100, Double.nan, .infinity])
    func `a speed that engines cannot do is refused`(speed: Double) {
        #expect(throws: SpeechError.self) { try SynthesisOptions(speed: speed) }
    }
}

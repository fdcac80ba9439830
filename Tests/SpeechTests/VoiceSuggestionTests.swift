import Testing

@testable import Speech

@Suite struct VoiceSuggestionTests {
    private static let voices = [
        Voice(engine: "piper", name: "joe", languages: ["en-US"], summary: "Joe"),
        Voice(engine: "espeak-ng", name: "de", languages: ["de"], summary: "German"),
    ]

    private static func piper(_ availability: EngineDescription.Availability) -> EngineDescription {
        EngineDescription(
            name: "piper",
            role: .synthesizer,
            version: nil,
            licence: "",
            languages: [],
            sampleRate: nil,
            availability: availability
        )
    }

    @Test func `a voice whose engine is missing is found, and not suggested`() throws {
        let registry = VoiceRegistry(Self.voices, engines: [Self.piper(.unavailable(reason: "no model"))])
        #expect(try registry.voice(named: "joe").engine == "piper")
        #expect(throws: SpeechError.unknownVoice("jo", suggestions: ["espeak-ng/de"])) {
            try registry.voice(named: "jo")
        }
    }

    @Test func `a voice that can be used is suggested`() {
        let registry = VoiceRegistry(Self.voices, engines: [Self.piper(.available)])
        #expect(throws: SpeechError.unknownVoice("joee", suggestions: ["piper/joe"])) {
            try registry.voice(named: "joee")
        }
    }
}

import Serving
import Settings
import Speech
import Testing

@testable import OpenAIAPI

@Suite
struct VoiceNamesTests {
    private static func names(_ assignments: String..., voices: [Voice] = TestServer.voices) throws -> VoiceNames {
        var sources = SettingsSources()
        sources.file = nil
        sources.dotEnv = nil
        sources.assignments = assignments
        return VoiceNames(VoiceRegistry(voices), settings: try Settings.load(from: sources).settings)
    }

    @Test func `without settings OpenAI's names and no name stand for the engines' default`() throws {
        let names = try Self.names()
        for name in VoiceNames.openAI { #expect(try names.voice(named: name) == nil) }
        #expect(try names.voice(named: "Alloy") == nil)
        #expect(try names.voice(named: nil) == nil)
    }

    @Test func `they stand for the voice in the settings`() throws {
        let names = try Self.names("speech.voice=ann")
        #expect(try names.voice(named: "coral")?.name == "ann")
        #expect(try names.voice(named: nil)?.name == "ann")
    }

    @Test func `the map comes first and a voice's own name second`() throws {
        let alloy = Voice(engine: "remote", name: "alloy", languages: [], summary: "")
        let names = try Self.names(
            #"speech.voice_map={"echo": "fake/joe", "joe": "ann"}"#,
            voices: TestServer.voices + [alloy]
        )
        #expect(try names.voice(named: "alloy") == alloy)
        #expect(try names.voice(named: "ECHO")?.name == "joe")
        #expect(try names.voice(named: "joe")?.name == "ann")
        #expect(try names.voice(named: "fake/joe")?.name == "joe")
    }

    @Test func `a map to a voice that is not there is a fault that is told`() throws {
        let names = try Self.names(#"speech.voice_map={"house": "gone", "alloy": "gone"}"#)
        for name in ["house", "alloy"] {
            let failure = #expect(throws: SpeechError.self) { try names.voice(named: name) }
            #expect(failure?.description.contains("gone") == true)
        }
    }

    @Test func `a voice is named by its own name or by the map, not by one of OpenAI's alone`() throws {
        let names = try Self.names(#"speech.voice_map={"nova": "ann"}"#, "speech.voice=ann")
        for name in ["joe", "fake/joe", "ANN", "nova", "Nova"] { #expect(names.isNamed(name), "\(name)") }
        for name in [nil, "alloy", "coral"] as [String?] { #expect(!names.isNamed(name)) }
        let alloy = Voice(engine: "remote", name: "alloy", languages: [], summary: "")
        #expect(try Self.names(voices: [alloy]).isNamed("alloy"))
    }
}

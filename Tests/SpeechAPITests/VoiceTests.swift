import Hummingbird
import Serving
import Settings
import Speech
import Testing

@testable import SpeechAPI

@Suite(.timeLimit(.minutes(5))) struct VoiceTests {
    @Test func `voices are a bare list of objects with texts only, by name`() async throws {
        try await TestServer.run { server in
            let answer = try await server.get("/tts/voices")
            #expect(answer.status == 200)
            #expect(
                answer.json == [
                    [
                        "id": "anna_maria", "name": "Anna Maria", "type": "predefined", "path": "anna_maria",
                        "language": "de",
                    ],
                    ["id": "joe", "name": "Joe", "type": "predefined", "path": "joe", "language": "en-US"],
                    [
                        "id": "spare/joe", "name": "Joe (2)", "type": "predefined", "path": "spare/joe",
                        "language": "en",
                    ],
                ]
            )
        }
    }

    @Test func `a voice that is called by its language has a name for people`() {
        let voices = [
            Voice(engine: "espeak-ng", name: "en-us", languages: ["en-us"], summary: "English (America)"),
            Voice(engine: "remote", name: "alloy", languages: [], summary: "alloy, by a model"),
        ]
        let catalog = VoiceCatalog(VoiceRegistry(voices))
        #expect(catalog.preferred.map(\.displayName) == ["English (America)", "Alloy"])
        #expect(catalog.entries.map(\.id) == ["alloy", "en-us"])
        #expect(catalog.entries[0].summary["language"] == nil)
        #expect(catalog.entries[1].summary["language"] == "en-us")
    }

    @Test func `a list comes in an envelope when that is asked for`() async throws {
        try await TestServer.run { server in
            let json = try await server.get("/tts/voices?format=envelope").json
            #expect(json["status"] == "success")
            #expect(json["data.voice_count"] == 3)
            // In order of preference.
            #expect(json["data.voices.0.id"] == "joe")
            #expect(json["data.voices.0.sample_rate"] == 22_050)
            #expect(json["data.voices.1.id"] == "anna_maria")
            #expect(json["metadata.request_id"].string != nil)
            #expect(try await server.get("/tts/voices?format=list").json.elements?.count == 3)
            let other = try await server.get("/tts/voices?format=other")
            #expect(other.status == 422)
            #expect(other.json["detail.0.loc"] == ["query", "format"])
            #expect(try await server.get("/get_reference_files?format=envelope").json["data.count"] == 0)
        }
    }

    @Test(arguments: ["joe", "JOE", "joe.wav", "tone%2Fjoe", "tone/joe", "default"])
    func `a voice is described under any of its names`(name: String) async throws {
        try await TestServer.run { server in
            let answer = try await server.get("/tts/voices/\(name)")
            #expect(answer.status == 200)
            #expect(answer.json["id"] == "joe")
            #expect(answer.json["exists"] == true)
            #expect(answer.json["type"] == "predefined")
            #expect(answer.json["data.languages"] == ["en-US", "en"])
            #expect(answer.json["status"] == "success")
        }
    }

    @Test(arguments: [
        "nobody", "..%2F..%2Fetc%2Fpasswd", "%2Fetc%2Fpasswd", "..%5C..%5Cconfig.yaml", "%00", "%ff", "../config.yaml",
    ])
    func `names that are no voices, paths among them, are 404`(name: String) async throws {
        try await TestServer.run { server in
            let answer = try await server.get("/tts/voices/\(name)")
            #expect(answer.status == 404)
            #expect(answer.json["status"] == "error")
        }
    }

    @Test func `a voice is validated by name`() async throws {
        try await TestServer.run { server in
            let known = try await server.post("/tts/voices/validate", ["voice_path": "joe.wav"]).json
            #expect(known["valid"] == true)
            #expect(known["sample_rate"] == 22_050)
            #expect(known["channels"] == 1)
            #expect(known["issues"] == [])
            let unknown = try await server.post("/tts/voices/validate", ["voice_path": "/etc/passwd"]).json
            #expect(unknown["valid"] == false)
            #expect(unknown["issues"].elements?.count == 1)
            #expect(unknown["status"] == "success")
            #expect(try await server.post("/tts/voices/validate", [:]).status == 422)
        }
    }

    @Test func `menus get display names, and no recordings are kept`() async throws {
        try await TestServer.run { server in
            let voices = try await server.get("/get_predefined_voices").json
            #expect(voices["0"] == ["display_name": "Anna Maria", "filename": "anna_maria"])
            #expect(try await server.get("/get_reference_files").json == [])
        }
    }
}

@Suite struct VoiceWishTests {
    private let registry = VoiceRegistry(Voice.fakes)

    private func settings(_ assignments: String...) throws -> Settings {
        var sources = SettingsSources()
        sources.file = nil
        sources.dotEnv = nil
        sources.assignments = assignments
        return try Settings.load(from: sources).settings
    }

    private func wish(_ json: JSONValue) throws -> VoiceWish {
        var fields = try FieldReader(json: json.bytes)
        let wish = VoiceWish(from: &fields)
        try fields.check()
        return wish
    }

    @Test func `a name of the settings leads to a voice, with and without an ending`() throws {
        let settings = try settings("speech.voice_map=Emily=anna_maria")
        for name in ["Emily", "Emily.wav"] {
            let wish = try wish(["predefined_voice_id": .string(name)])
            #expect(try wish.voice(from: registry, settings: settings, nameIsOptional: false) == Voice.fakes[1])
        }
    }

    @Test func `the usual voice is that of the settings, else the first`() throws {
        let wish = try wish(["voice_id": "default"])
        let first = try wish.voice(from: registry, settings: settings(), nameIsOptional: false)
        #expect(first == Voice.fakes[0])
        let set = try wish.voice(from: registry, settings: settings("speech.voice=anna_maria"), nameIsOptional: false)
        #expect(set == Voice.fakes[1])
        #expect(throws: APIFailure.self) {
            try wish.voice(from: registry, settings: settings("speech.voice=nobody"), nameIsOptional: false)
        }
    }

    @Test func `a voice named default in the settings wins over the usual one`() throws {
        let settings = try settings("speech.voice_map=default=anna_maria")
        let wish = try wish(["voice_id": "default"])
        #expect(try wish.voice(from: registry, settings: settings, nameIsOptional: false) == Voice.fakes[1])
    }

    @Test func `where the usual voice speaks, the language may choose another`() throws {
        let german = try wish(["voice_id": "default", "language": "de-AT"])
        #expect(try german.voice(from: registry, settings: settings(), nameIsOptional: false) == Voice.fakes[1])
        let unknown = try wish(["voice_id": "default", "language": "fi"])
        #expect(try unknown.voice(from: registry, settings: settings(), nameIsOptional: false) == Voice.fakes[0])
        let named = try wish(["voice_id": "joe", "language": "de"])
        #expect(try named.voice(from: registry, settings: settings(), nameIsOptional: false) == Voice.fakes[0])
    }

    @Test func `predefined_voice_id counts before its other names`() throws {
        #expect(try wish(["voice_id": "a", "predefined_voice_id": "b", "voice_path": "c"]).name == "b")
        #expect(try wish(["voice_id": "a", "voice_path": "c"]).name == "a")
        #expect(try wish(["voice_mode": "reference", "voice_id": "r.wav"]).recording == "r.wav")
    }

    @Test func `a server without voices leaves the choice to the engine`() throws {
        let wish = try wish(["voice_id": "default"])
        #expect(try wish.voice(from: VoiceRegistry([]), settings: settings(), nameIsOptional: false) == nil)
    }
}

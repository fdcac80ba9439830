import Audio
import Foundation
import Hummingbird
import Serving
import Settings
import Speech
import Testing

@testable import SpeechAPI

@Suite(.timeLimit(.minutes(5))) struct ConfigurationTests {
    @Test func `the settings in force are told, without secrets`() async throws {
        let settings = ["speech.speed=1.25", "model.key=very-secret", "speech.openai.key=also-secret"]
        try await TestServer.run(settings) { server in
            for path in ["/config", "/config/current"] {
                let answer = try await server.get(path)
                #expect(answer.status == 200)
                #expect(answer.json["speech.speed"] == 1.25)
                #expect(answer.json["data.speech.speed"] == 1.25)
                #expect(answer.json["model.key"] == "***")
                #expect(answer.json["status"] == "success")
                #expect(!answer.text.contains("secret"))
            }
            #expect(try await server.get("/config").json["data.source"] == "defaults")
            #expect(try await server.get("/config").json["data.last_modified"] == .null)
        }
    }

    @Test func `defaults are those of the program whatever is set`() async throws {
        try await TestServer.run(["speech.speed=2"]) { server in
            let defaults = try await server.get("/config/defaults").json
            #expect(defaults["speech.speed"] == 1)
        }
    }

    @Test func `the schema has every key in a section with type, default and limits`() async throws {
        try await TestServer.run { server in
            let json = try await server.get("/config/schema").json
            let speed = json["speech"]["properties"]["speed"]
            #expect(speed["default"] == 1)
            #expect(speed["min"] == 0.25)
            #expect(speed["max"] == 4)
            #expect(speed["type"].string != nil)
            #expect(json["speech.description"].string?.isEmpty == false)
            let nested = json.members?["speech.openai"]
            #expect(nested?["properties"]["voice"]["default"] == "alloy")
            #expect(json["general"]["properties"]["bind"]["default"] == "localhost")
            #expect(json["data"]["json_schema"]["$schema"].string != nil)
        }
    }

    @Test func `every key is in the schema once`() throws {
        let sections = SettingSections(schema: JSONValue(Settings.schema())).sections
        let paths = sections.flatMap { section, value in
            (value["properties"].members ?? [:]).keys.map { section == "general" ? $0 : "\(section).\($0)" }
        }
        #expect(paths.sorted() == SettingKeys.all.map(\.path).sorted())
        for (section, value) in sections { #expect(value["description"].string != "", "\(section)") }
    }

    @Test func `good settings are valid`() async throws {
        try await TestServer.run { server in
            let json = try await server.get("/config/validation").json
            #expect(json["valid"] == true)
            #expect(json["errors"] == [])
            #expect(json["warnings"] == [])
            #expect(json["info"].elements?.count == 3)
            #expect(json["data.schema_version"] == "1.0.0")
            #expect(json["data.validated_at"].string?.hasSuffix("Z") == true)
        }
    }

    @Test func `every format of sound can be the default`() throws {
        for format in AudioFormat.allCases {
            var sources = SettingsSources()
            sources.file = nil
            sources.dotEnv = nil
            sources.assignments = ["speech.format=\(format.rawValue)"]
            #expect(try Settings.load(from: sources).settings.speech.format == format.rawValue)
        }
    }

    @Test func `a settings file that has changed is checked, and its faults are told with line and column`()
        async throws
    {
        let folder = FileManager.default.temporaryDirectory.appending(path: "settings-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "antiphon.yaml")
        func write(_ yaml: String) throws { try Data(yaml.utf8).write(to: file) }
        try write("speech:\n  speed: 1.5\n")
        try await TestServer.run(settingsFile: file) { server in
            func check() async throws -> JSONValue { try await server.get("/config/validation").json }
            var json = try await check()
            #expect(json["valid"] == true)
            #expect(json["warnings"] == [])

            try write("speech:\n  speed: fast\n  sped: 1\n")
            json = try await check()
            #expect(json["valid"] == false)
            #expect(json["errors"].elements?.count == 2)
            #expect(json["errors.0"].string?.hasPrefix("antiphon.yaml:2:10: speech.speed: ") == true)
            #expect(json["errors.1"].string?.hasPrefix("antiphon.yaml:3:3: speech.sped: unknown key") == true)
            #expect(json["info"].elements?.count == 3)

            try write("speech: [")
            json = try await check()
            #expect(json["valid"] == false)
            #expect(json["errors.0"].string?.hasPrefix("antiphon.yaml:2:1: not valid YAML") == true)

            try write("speech:\n  speed: 1.5\n  voice: nobody\n")
            json = try await check()
            #expect(json["errors.0"].string?.contains("nobody") == true)
            #expect(json["warnings.0"].string?.contains("speech.voice") == true)

            try write(String(repeating: "#", count: 2_000_000))
            json = try await check()
            #expect(json["errors.0"].string?.hasPrefix("antiphon.yaml is larger") == true)
            // Nothing of it is in force.
            #expect(try await server.get("/config").json["speech.speed"] == 1.5)
        }
    }

    @Test func `settings that do not go together are found`() async throws {
        let settings = [
            "speech.voice=nobody", "speech.voice_map=alloy=joe,nova=noone", "speech.format=opus",
            "speech.sample_rate=44100",
        ]
        try await TestServer.run(settings) { server in
            let json = try await server.get("/config/validation").json
            #expect(json["valid"] == false)
            #expect(json["errors"].elements?.count == 1)
            #expect(json["errors.0"].string?.contains("nobody") == true)
            #expect(json["warnings"].elements?.count == 2)
            #expect(json["warnings.0"].string?.contains("noone") == true)
            #expect(json["warnings.1"].string?.contains("48000") == true)
        }
    }
}

import HTTPTypes
import HummingbirdTesting
import Serving
import Speech
import Testing

@testable import OpenAIAPI

@Suite(.timeLimit(.minutes(5)))
struct ModelRoutesTests {
    @Test func `the list has OpenAI's names and the chat model, each once`() async throws {
        try await TestServer(settings: ["model.name=smollm2"]).run { client in
            let list = try await client.get("/v1/models").json
            #expect(list["object"] == "list")
            let models = try #require(list["data"]).array
            let names = models.compactMap { $0["id"]?.string }
            #expect(names.count == models.count)
            #expect(Set(names).count == names.count)
            #expect(Set(["tts-1", "whisper-1", "gpt-4o-transcribe", "smollm2"]).isSubset(of: names))
            for model in models {
                #expect(model["object"] == "model")
                #expect(model["created"]?.number ?? 0 > 0)
                #expect(model["owned_by"]?.string != nil)
            }
        }
    }

    @Test func `each model of the list can be asked for`() async throws {
        try await TestServer().run { client in
            let models = try await client.get("/v1/models").json["data"]?.array ?? []
            #expect(models.count > 5)
            for model in models {
                let response = try await client.get("/v1/models/\(model["id"]?.string ?? "")")
                #expect(try response.json == model)
            }
        }
    }

    @Test(arguments: ["gpt-5", "..%2F..%2Fetc%2Fpasswd", "%00", "%", "tts-1%20"])
    func `an unknown model is not found`(name: String) async throws {
        try await TestServer().run { client in
            try await client.get("/v1/models/\(name)").expectRefusal(.notFound)
        }
    }

    @Test func `the voices are listed in both shapes`() async throws {
        try await TestServer().run { client in
            let answer = try await client.get("/v1/audio/voices").json
            #expect(answer["voices"]?[0]?["id"] == "fake/joe")
            #expect(answer["voices"]?[0]?["name"] == "joe")
            #expect(answer["object"] == "list")
            #expect(answer["data"]?[1]?["id"] == "fake/ann")
            #expect(answer["voices"]?.array.count == 2)
            for voice in answer["voices"]?.array ?? [] {
                let id = voice["id"] ?? .null
                let speech = try await client.post(
                    "/v1/audio/speech",
                    json: ["model": "tts-1", "input": "Hi.", "voice": id]
                )
                #expect(speech.status == .ok)
            }
        }
    }

    @Test func `voices of an engine that is not there are not listed`() async throws {
        var engines = SpeechEngines.Configuration()
        engines.models = ModelStore(folder: "/nowhere")
        let gone = Voice(engine: "piper", name: "jim", languages: [], summary: "")
        try await TestServer(engines: engines, voices: TestServer.voices + [gone]).run { client in
            let answer = try await client.get("/v1/audio/voices").json
            #expect(answer["voices"]?.array.compactMap { $0["name"]?.string } == ["joe", "ann"])
            #expect(answer["data"]?.array.count == 2)
        }
    }

    @Test func `the models for speech are listed`() async throws {
        try await TestServer().run { client in
            let models = try await client.get("/v1/audio/models").json["models"]?.array ?? []
            #expect(models.contains { $0["id"] == "tts-1" })
        }
    }
}

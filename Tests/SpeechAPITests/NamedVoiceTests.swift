import HTTPTypes
import Serving
import Settings
import Speech
import Testing

@testable import SpeechAPI

/// A request for a voice whose engine fails, where another engine works.
@Suite(.timeLimit(.minutes(5))) struct NamedVoiceTests {
    private static func engines() -> FallbackSynthesizer {
        FallbackSynthesizer([ToneSynthesizer(failsAfter: 0), ToneSynthesizer(name: "spare")])
    }

    @Test(arguments: ["/tts", "/conversation"])
    func `a voice asked for by name is refused and named, and others are spoken by the engine that works`(
        path: String
    ) async throws {
        try await TestServer.run(synthesizer: Self.engines()) { server in
            func ask(for voice: String?) async throws -> TestServer.Answer {
                guard path == "/tts" else {
                    let field = voice.map { [FormPart.field("voice_id", $0)] } ?? []
                    return try await server.post(path, form: [.file(try recording())] + field)
                }
                return try await server.post(path, ["text": "Hello.", "voice_id": .string(voice ?? "default")])
            }
            for name in ["joe", "tone/joe", "JOE.wav", "anna_maria"] {
                let refusal = try await ask(for: name)
                #expect(refusal.status == 503)
                #expect(refusal.json["metadata.error_code"] == "MODEL_NOT_LOADED")
                let message = refusal.json["detail"].string ?? ""
                #expect(message.contains(name == "anna_maria" ? "tone/anna_maria" : "tone/joe"))
                #expect(message.contains("engine tone"))
                #expect(refusal.headers[.xVoice] == nil)
            }
            for name in [nil, "default", "Default"] as [String?] {
                let answer = try await ask(for: name)
                #expect(answer.status == 200)
                #expect(answer.headers[.xEngine] == "spare")
                #expect(answer.headers[.xVoice] == "spare/default")
            }
            let spare = try await ask(for: "spare/joe")
            #expect(spare.status == 200)
            #expect(spare.headers[.xVoice] == "spare/joe")
        }
    }

    @Test func `a name that the settings give to a voice counts as its own`() async throws {
        let settings = ["speech.voice_map=narrator=anna_maria,default=joe"]
        try await TestServer.run(settings, synthesizer: Self.engines()) { server in
            for name in ["narrator", "default"] {
                let answer = try await server.post("/tts", ["text": "Hello.", "voice_id": .string(name)])
                #expect(answer.status == 503)
            }
        }
    }

    @Test func `the setting for fail-over decides at once what happens to a named voice`() async throws {
        try await TestServer.run(synthesizer: Self.engines()) { server in
            func ask() async throws -> TestServer.Answer {
                try await server.post("/tts", ["text": "Hello.", "voice_id": "joe"])
            }
            #expect(try await ask().status == 503)
            try server.parts.settings.apply(changes: ["speech": ["voice_failover": true]])
            let answer = try await ask()
            #expect(answer.status == 200)
            #expect(answer.headers[.xEngine] == "spare")
            #expect(answer.headers[.xVoice] == "spare/default")
            try server.parts.settings.apply(changes: ["speech": ["voice_failover": false]])
            #expect(try await ask().status == 503)
        }
    }

    @Test func `a text cut into chunks is spoken by one engine too`() async throws {
        let first = ToneSynthesizer(pieces: 1)
        let both = FallbackSynthesizer([first, ToneSynthesizer(name: "spare")])
        try await TestServer.run(synthesizer: both) { server in
            let text = String(repeating: "One more sentence here. ", count: 20)
            let answer = try await server.post(
                "/tts",
                ["text": .string(text), "voice_id": "default", "chunk_size": 50]
            )
            #expect(answer.status == 200)
            #expect(answer.headers[.xEngine] == "tone")
            #expect(first.segments.count >= 10)
        }
    }

    @Test func `a busy engine of a named voice tells when to come back`() async throws {
        let busy = FallbackSynthesizer([BusySynthesizer(), ToneSynthesizer(name: "spare")])
        try await TestServer.run(synthesizer: busy) { server in
            let answer = try await server.post("/tts", ["text": "Hello.", "voice_id": "joe"])
            #expect(answer.status == 503)
            #expect(answer.json["metadata.error_code"] == "OVERLOADED")
            #expect(answer.headers[.retryAfter] == "7")
            #expect(answer.json["detail"].string?.contains("tone/joe") == true)
        }
    }

    @Test func `only voices of engines that can be used are listed`() async throws {
        try await TestServer.run(synthesizers: ["spare": false]) { server in
            let bare = try await server.get("/tts/voices").json.elements?.map { $0["id"] }
            #expect(bare == ["anna_maria", "joe"])
            let envelope = try await server.get("/tts/voices?format=envelope").json
            #expect(envelope["data.voice_count"] == 2)
            #expect(try await server.get("/get_predefined_voices").json.elements?.count == 2)
            let check = try await server.post("/tts/voices/validate", ["voice_id": "spare/joe"]).json
            #expect(check["valid"] == false)
            #expect(check["issues.0"].string?.contains("spare") == true)
        }
        try await TestServer.run(synthesizers: ["spare": true]) { server in
            let voices = try await server.get("/tts/voices").json.elements
            #expect(voices?.count == 3)
        }
    }
}

/// The engine `tone` with no room.
private struct BusySynthesizer: SpeechSynthesizer {
    let name = "tone"

    func describe() async -> EngineDescription { .fake(name, .synthesizer, rate: 8000) }
    func prepare() async throws {}
    func voices() async throws -> [Voice] { Voice.fakes }

    func synthesize(_ segment: String, options: SynthesisOptions) -> SpeechAudio {
        SpeechAudio(whole: { throw SpeechError.busy(engine: name, retryAfter: .seconds(7)) })
    }
}

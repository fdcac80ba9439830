import Audio
import Dialogue
import HTTPTypes
import Hummingbird
import NIOEmbedded
import Serving
import Speech
import Storage
import Testing

@testable import SpeechAPI

@Suite(.timeLimit(.minutes(5))) struct TranscriptionTests {
    @Test func `a recording is transcribed with its duration and segments`() async throws {
        try await TestServer.run { server in
            let answer = try await server.post("/stt", form: [.file(try recording())])
            #expect(answer.status == 200)
            let json = answer.json
            #expect(json["text"] == "Hello there.")
            #expect(json["language"] == "en")
            #expect(json["duration"] == 1)
            #expect(json["status"] == "success")
            #expect(json["data.text"] == "Hello there.")
            #expect(json["data.segments.0.text"] == "Hello there.")
            #expect(json["data.segments.0.start"] == 0)
            #expect(abs(try #require(json["data.segments.0.end"].number) - 1) < 0.05)
            #expect(try #require(json["data.processing_time"].number) >= 0)
        }
    }

    @Test(arguments: [("en-GB", "en-GB"), ("auto", "en"), ("AUTO", "en"), ("", "en")])
    func `the language asked for is passed on`(asked: String, told: String) async throws {
        try await TestServer.run { server in
            let answer = try await server.post("/stt", form: [.field("language", asked), .file(try recording())])
            #expect(answer.json["language"] == .string(told))
        }
    }

    @Test func `a language that the recogniser does not understand is refused`() async throws {
        try await TestServer.run { server in
            let answer = try await server.post("/stt", form: [.field("language", "de"), .file(try recording())])
            #expect(answer.status == 422)
            #expect(try #require(answer.json["error"].string).contains("only en"))
        }
    }

    @Test(arguments: [
        (AudioFormat.mp3, "a.mp3"), (.flac, "a.flac"), (.opus, "a.ogg"), (.opus, "recording.webm"), (.wav, "A.WAV"),
        (.wav, "a.txt"), (.flac, "no-extension"), (.wav, "../../etc/passwd.wav"),
    ])
    func `the content decides what a recording is`(format: AudioFormat, name: String) async throws {
        try await TestServer.run { server in
            let answer = try await server.post("/stt", form: [.file(try recording(format), called: name)])
            #expect(answer.status == 200)
            #expect(answer.json["text"] == "Hello there.")
        }
    }

    @Test func `a file under another name is not taken in silence, nor are fields and parameters`() async throws {
        try await TestServer.run { server in
            let misnamed = try await server.post("/stt", form: [.file(try recording(), name: "file")])
            #expect(misnamed.status == 422)
            #expect(misnamed.json["detail.0.type"] == "missing")
            #expect(misnamed.json["detail.0.msg"].string?.contains("sent as file, send it as audio_file") == true)
            let indexed = try await server.post("/stt", form: [.file(try recording(), name: "audio_file[]")])
            #expect(indexed.status == 200)
            let answer = try await server.post("/stt?x=1", form: [.field("model", "base"), .file(try recording())])
            #expect(answer.headers[.xIgnoredFields] == "model, x")
            let typo = try await server.post("/stt", form: [.field("langauge", "en"), .file(try recording())])
            #expect(typo.status == 422)
            #expect(typo.json["error"].string?.contains("did you mean language?") == true)
            let wrong = try await server.post("/conversation?responder=nosuch", form: [.file(try recording())])
            #expect(wrong.status == 422)
            #expect(wrong.json["detail.0.loc"] == ["query", "responder"])
            let echo = try await server.post("/conversation?responder=echo", form: [.file(try recording())])
            #expect(echo.status == 200)
            let lists = try await server.get("/tts/voices?format=nosuch")
            #expect(lists.status == 422)
            #expect(try await server.get("/tts/voices?fromat=envelope").status == 422)
            let other = try await server.get("/health?verbose=1&access_token=x")
            #expect(other.status == 200)
            #expect(other.headers[.xIgnoredFields] == "verbose")
        }
    }

    @Test func `without a recording the request is 422`() async throws {
        try await TestServer.run { server in
            let none = try await server.post("/stt", form: [.field("language", "en")])
            #expect(none.status == 422)
            #expect(none.json["detail.0.type"] == "missing")
            #expect(none.json["detail.0.loc"] == ["body", "audio_file"])
            #expect(none.json["detail.0.input"] == .null)
            let other = try await server.post("/stt", form: [.file(try recording(), name: "file")])
            #expect(other.json["detail.0.type"] == "missing")
            let text = try await server.post("/stt", form: [.field("audio_file", "RIFF")])
            #expect(text.status == 422)
            #expect(text.json["detail.0.type"] == "value_error")
        }
    }

    @Test func `a file without a name is 400`() async throws {
        try await TestServer.run { server in
            let answer = try await server.post("/stt", form: [.file(try recording(), called: "")])
            #expect(answer.status == 400)
        }
    }

    @Test func `what is no recording is refused by what it is called`() async throws {
        try await TestServer.run { server in
            let text = Array("This is no sound at all, only text.".utf8)
            #expect(try await server.post("/stt", form: [.file(text, called: "a.txt")]).status == 400)
            #expect(try await server.post("/stt", form: [.file(text, called: "a")]).status == 400)
            #expect(try await server.post("/stt", form: [.file(text, called: "a.wav")]).status == 415)
            #expect(try await server.post("/stt", form: [.file([], called: "a.wav")]).status == 400)
            let cut = Array(try recording().prefix(20))
            #expect((400..<500).contains(try await server.post("/stt", form: [.file(cut)]).status))
        }
    }

    @Test(arguments: ["/stt", "/conversation"], ["audio_file", "file"])
    func `several files are refused, since one of them would not be heard`(path: String, second: String) async throws {
        try await TestServer.run { server in
            for form in [
                [.file(try recording()), .file(try recording(), name: second)],
                [.file(try recording(), name: second), .file(try recording())],
            ] as [[FormPart]] {
                let answer = try await server.post(path, form: form)
                #expect(answer.status == 422)
                #expect(answer.json["detail.0.loc"] == ["body", "audio_file"])
                #expect(answer.json["detail.0.type"] == "value_error")
            }
        }
    }

    @Test(arguments: ["/stt", "/conversation"])
    func `no body at all is a recording that is missing`(path: String) async throws {
        try await TestServer.run { server in
            let types = [nil, "application/json", "multipart/form-data", FormPart.contentType]
            for type in types {
                for body in [nil, []] as [[UInt8]?] {
                    let headers: HTTPFields = type.map { [.contentType: $0] } ?? [:]
                    let answer = try await server.send(.post, path, headers: headers, body: body)
                    #expect(answer.status == 422)
                    #expect(answer.json["detail.0.type"] == "missing")
                    #expect(answer.json["detail.0.loc"] == ["body", "audio_file"])
                    #expect(answer.json["detail.0.input"] == .null)
                }
            }
        }
    }

    @Test func `a recording that is too large or too long is 413`() async throws {
        try await TestServer.run(["http.max_upload_bytes=10000"]) { server in
            let answer = try await server.post("/stt", form: [.file(try recording())])
            #expect(answer.status == 413)
        }
        try await TestServer.run(["audio.max_duration=1s"]) { server in
            let long = try AudioEncoder.encodeWhole(.tone(.seconds(3), sampleRate: 16_000), as: .flac)
            #expect(try await server.post("/stt", form: [.file(long)]).status == 413)
        }
    }

    @Test func `a body that is no form is 415, a malformed one 400`() async throws {
        try await TestServer.run { server in
            #expect(try await server.post("/stt", ["audio_file": "x"]).status == 415)
            #expect(try await server.send(.post, "/stt", body: try recording()).status == 415)
            let broken = try await server.send(
                .post,
                "/stt",
                headers: [.contentType: "multipart/form-data; boundary=x"],
                body: Array("--x\r\n".utf8)
            )
            #expect(broken.status == 400)
        }
    }

    @Test func `without a recogniser it is 503, but a missing field is told first`() async throws {
        try await TestServer.run(canHear: false) { server in
            let answer = try await server.post("/stt", form: [.file(try recording())])
            #expect(answer.status == 503)
            #expect(answer.json["metadata.error_code"] == "MODEL_NOT_LOADED")
            #expect(try await server.post("/stt", form: []).status == 422)
            let status = try await server.get("/stt/status").json
            #expect(status["available"] == false)
            #expect(status["engine_type"] == "fixed")
        }
    }

    @Test func `a recording in which nobody speaks has an empty text`() async throws {
        try await TestServer.run(recognizer: FixedRecognizer(text: "", language: nil)) { server in
            let answer = try await server.post("/stt", form: [.file(try recording())])
            #expect(answer.status == 200)
            #expect(answer.json["text"] == "")
            #expect(answer.json["language"] == .null)
            #expect(answer.json["data.segments"] == [])
        }
    }

    @Test func `a recording waits for room, and one too many is 503 with the time to come back`() async throws {
        // Room for one second at 16 kHz.
        let recordings = RecordingRoom(largest: 4 * 16_000, count: 1, decoders: 1, waiting: 1)
        let (events, happened) = AsyncStream.makeStream(of: String.self)
        try await TestServer.run(recognizer: WaitingEngine(happened: happened), recordings: recordings) { server in
            let channels = (0..<3).map { _ in NIOAsyncTestingChannel() }
            let form: [FormPart] = [.file(try recording())]
            try await withThrowingTaskGroup(of: Hummingbird.Response.self) { group in
                var iterator = events.makeAsyncIterator()
                group.addTask { try await server.respond(to: "/stt", form: form, on: channels[0]) }
                #expect(await iterator.next() == "asked")
                // One of the two waits for the room, the other is refused.
                for channel in channels[1...] {
                    group.addTask { try await server.respond(to: "/conversation", form: form, on: channel) }
                }
                let refused = try #require(try await group.next())
                #expect(refused.status == .serviceUnavailable)
                #expect(refused.headers[.retryAfter].flatMap(Int.init).map { $0 >= 1 } == true)
                try await channels[0].close()
                #expect(await iterator.next() == "cancelled")
                #expect(await iterator.next() == "asked")
                #expect(recordings.taken == 4 * 16_000)
                for channel in channels[1...] { try await channel.close() }
                try await group.waitForAll()
            }
        }
        #expect(recordings.taken == 0)
    }

    @Test func `recordings of a low rate take room for the sound that they have and no more`() async throws {
        // Room for ten seconds at 16 kHz.
        let recordings = RecordingRoom(largest: 4 * 160_000, count: 1)
        let (events, happened) = AsyncStream.makeStream(of: String.self)
        try await TestServer.run(recognizer: WaitingEngine(happened: happened), recordings: recordings) { server in
            let low = try lowRecording(.seconds(10))
            let channels = (0..<5).map { _ in NIOAsyncTestingChannel() }
            try await withThrowingTaskGroup(of: Hummingbird.Response.self) { group in
                var iterator = events.makeAsyncIterator()
                for channel in channels[..<4] {
                    group.addTask { try await server.respond(to: "/stt", form: [.file(low)], on: channel) }
                    #expect(await iterator.next() == "asked")
                }
                #expect(recordings.taken == 4 * 4 * 10_000)
                group.addTask { try await server.respond(to: "/stt", form: [.file(try recording())], on: channels[4]) }
                #expect(await iterator.next() == "asked")
                for channel in channels { try await channel.close() }
                try await group.waitForAll()
            }
        }
        #expect(recordings.taken == 0)
    }

    @Test func `a recording of a low rate is as long as it says`() async throws {
        try await TestServer.run { server in
            let low = try lowRecording(.milliseconds(2400))
            let json = try await server.post("/stt", form: [.file(low)]).json
            #expect(json["duration"] == 2.4)
            #expect(abs(try #require(json["data.segments.0.end"].number) - 2.4) < 0.05)
        }
    }

    @Test func `a recording takes room as long as it is worked on`() async throws {
        let recordings = RecordingRoom(largest: 1 << 26)
        let (events, happened) = AsyncStream.makeStream(of: String.self)
        try await TestServer.run(recognizer: WaitingEngine(happened: happened), recordings: recordings) { server in
            let channel = NIOAsyncTestingChannel()
            async let answer = server.respond(to: "/stt", form: [.file(try recording())], on: channel)
            var iterator = events.makeAsyncIterator()
            #expect(await iterator.next() == "asked")
            #expect(recordings.taken == 4 * 16_000)
            try await channel.close()
            _ = try await answer
        }
        #expect(recordings.taken == 0)
    }

    @Test(arguments: [
        ("/stt", "recognizer"), ("/conversation", "recognizer"), ("/conversation", "responder"),
        ("/conversation", "synthesizer"),
    ])
    func `a client that goes away ends the work on its recording`(path: String, engine: String) async throws {
        let (events, happened) = AsyncStream.makeStream(of: String.self)
        let waiting = WaitingEngine(happened: happened)
        try await TestServer.run(
            synthesizer: engine == "synthesizer" ? waiting : ToneSynthesizer(),
            recognizer: engine == "recognizer" ? waiting : FixedRecognizer(),
            responder: engine == "responder" ? waiting : EchoResponder()
        ) { server in
            let channel = NIOAsyncTestingChannel()
            let form: [FormPart] = [.file(try recording()), .field("responder", "assistant")]
            async let answer = server.respond(to: path, form: form, on: channel)
            var iterator = events.makeAsyncIterator()
            #expect(await iterator.next() == "asked")
            try await channel.close()
            #expect(await iterator.next() == "cancelled")
            #expect(try await answer.status.code >= 500)
            #expect(try await server.store.sessions.recentSessions().isEmpty)
        }
    }

    @Test func `status, models and limits of recognition are told`() async throws {
        try await TestServer.run { server in
            let status = try await server.get("/stt/status").json
            #expect(status["available"] == true)
            #expect(status["model_loaded"] == true)
            #expect(status["library_integration"] == true)
            #expect(status["data.adapter_type"].string != nil)
            #expect(status["data.current_model"] == "fixed")
            #expect(status["data.supported_languages"] == ["en"])
            let models = try await server.get("/stt/models").json
            #expect(models["available_models"] == ["fixed", "other"])
            #expect(models["current_model"] == "fixed")
            #expect(models["data.model_info.name"] == "fixed")
            let limits = try await server.get("/stt/config").json
            #expect(limits["max_file_size_mb"] == 100)
            #expect(limits["max_duration_seconds"] == 1800)
            #expect(limits["supported_formats"].elements?.contains("flac") == true)
        }
    }
}

/// An engine or responder that waits for ever, and tells when it is asked and when it is cancelled.
private struct WaitingEngine: SpeechRecognizer, SpeechSynthesizer, Responder {
    let happened: AsyncStream<String>.Continuation

    let name = "waiting"
    let partialInterval: Duration? = nil
    let longestUtterance: Duration = .seconds(30)

    func describe() async -> EngineDescription { .fake(name, .recognizer, rate: 16_000) }
    func prepare() async throws {}
    func voices() async throws -> [Voice] { [] }

    func transcribe(_ audio: PCM, language: String?) async throws -> Transcript {
        try await wait()
        return Transcript(text: "")
    }

    func synthesize(_ segment: String, options: SynthesisOptions) -> SpeechAudio {
        SpeechAudio {
            try await wait()
            return nil
        }
    }

    func respond(to prompt: Prompt) -> Dialogue.Response {
        Dialogue.Response {
            try await wait()
            return nil
        }
    }

    private func wait() async throws {
        happened.yield("asked")
        do {
            try await Task.sleep(for: .seconds(3600))
        } catch {
            happened.yield("cancelled")
            throw error
        }
    }
}

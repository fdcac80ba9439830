import AsyncHTTPClient
import Audio
import HTTPTypes
import HummingbirdTesting
import NIOCore
import NIOHTTP1
import Serving
import Speech
import Testing

@testable import OpenAIAPI

@Suite(.timeLimit(.minutes(5)))
struct TranscriptionRouteTests {
    private static let path = "/v1/audio/transcriptions"
    private static let text = "Ever tried. No matter."

    private static func server() -> TestServer { TestServer(recognizer: FakeRecognizer("Ever tried.", "No matter.")) }

    private static func form() throws -> TestForm { try TestForm().recording().field("model", "whisper-1") }

    @Test func `a transcript is an object with text and usage`() async throws {
        try await Self.server().run { client in
            let response = try await client.post(Self.path, form: try Self.form())
            #expect(response.status == .ok)
            #expect(response.headers[.contentType] == "application/json")
            #expect(try response.json == ["text": .string(Self.text), "usage": ["type": "duration", "seconds": 6]])
        }
    }

    @Test func `the file may come first or last`() async throws {
        let form = try TestForm().field("model", "whisper-1").field("response_format", "text").recording()
        try await Self.server().run { client in
            let response = try await client.post(Self.path, form: form)
            #expect(response.text == Self.text + "\n")
            #expect(response.headers[.contentType]?.hasPrefix("text/plain") == true)
        }
    }

    @Test func `verbose JSON has segments with the times of the utterances`() async throws {
        let form = try Self.form().field("response_format", "verbose_json").field("temperature", "0.5")
        try await Self.server().run { client in
            let answer = try await client.post(Self.path, form: form).json
            #expect(answer["task"] == "transcribe")
            // Nobody said which it is.
            #expect(answer["language"] == .null)
            #expect(answer["duration"] == 6)
            #expect(answer["text"] == .string(Self.text))
            #expect(answer["words"] == nil)
            let segments = try #require(answer["segments"]).array
            #expect(segments.map { $0["text"] } == ["Ever tried.", "No matter."])
            #expect(segments.map { $0["id"] } == [0, 1])
            for (segment, start) in zip(segments, [1.0, 4.0]) {
                #expect(abs((segment["start"]?.number ?? 0) - start) < 0.4)
                #expect(abs((segment["end"]?.number ?? 0) - start - 1) < 0.4)
                // What the recogniser does not tell is not invented.
                for name in ["seek", "avg_logprob", "compression_ratio", "no_speech_prob", "temperature", "tokens"] {
                    #expect(segment[name] == .null)
                }
            }
        }
    }

    @Test(arguments: ["timestamp_granularities[]", "timestamp_granularities"])
    func `words have times when they are asked for`(name: String) async throws {
        let form = try Self.form().field("response_format", "verbose_json").field(name, "word")
        try await Self.server().run { client in
            let words = try await client.post(Self.path, form: form).json
            #expect(words["segments"] == nil)
            #expect(words["words"]?.array.compactMap { $0["word"]?.string } == ["Ever", "tried", "No", "matter"])
            let both = try await client.post(Self.path, form: form.field(name, "segment")).json
            #expect(both["segments"] != nil)
            #expect(both["words"] != nil)
        }
    }

    @Test(arguments: [
        ("timestamp_granularities", "word,segment"), ("timestamp_granularities", #"["word","segment"]"#),
        ("timestamp_granularities[]", "Word, Segment"),
    ])
    func `a list may be one text`(name: String, list: String) async throws {
        try await Self.server().run { client in
            let form = try Self.form().field("response_format", "VERBOSE_JSON").field(name, list)
            let both = try await client.post(Self.path, form: form).json
            #expect(both["segments"] != nil)
            #expect(both["words"] != nil)
        }
    }

    @Test func `the items of a list may be numbered`() async throws {
        try await Self.server().run { client in
            let form = try Self.form().field("response_format", "verbose_json")
                .field("timestamp_granularities[0]", "word").field("timestamp_granularities[1]", "segment")
            let both = try await client.post(Self.path, form: form).json
            #expect(both["segments"] != nil)
            #expect(both["words"] != nil)
        }
    }

    @Test func `fields without effect are named, and those that are meant as others refused`() async throws {
        try await Self.server().run { client in
            let form = try Self.form().field("prompt", "Beckett").field("chunking_strategy[type]", "server_vad")
                .field("hotwords", "a").field("stream", "False")
            let response = try await client.post(Self.path, form: form)
            #expect(response.status == .ok)
            #expect(response.headers[.xIgnoredFields] == "prompt, chunking_strategy[type], hotwords")
            for (field, meant) in [("format", "response_format"), ("languge", "language"), ("lang", "language")] {
                let refusal = try await client.post(Self.path, form: try Self.form().field(field, "en"))
                try refusal.expectRefusal(param: field)
                #expect(refusal.text.contains("did you mean \(meant)?"))
            }
            try await client.post(Self.path + "?stream=perhaps", form: try Self.form()).expectRefusal(param: "stream")
        }
    }

    @Test func `subtitles come in both kinds`() async throws {
        try await Self.server().run { client in
            let srt = try await client.post(Self.path, form: try Self.form().field("response_format", "srt"))
            #expect(srt.text.hasPrefix("1\n00:00:0"))
            #expect(srt.text.contains("\n2\n"))
        }
        try await Self.server().run { client in
            let vtt = try await client.post(Self.path, form: try Self.form().field("response_format", "vtt"))
            #expect(vtt.text.hasPrefix("WEBVTT\n\n00:00:0"))
        }
    }

    @Test func `speakers, which nobody tells apart, are refused`() async throws {
        try await Self.server().run { client in
            let form = try Self.form().field("response_format", "diarized_json").field("chunking_strategy", "auto")
            try await client.post(Self.path, form: form).expectRefusal(param: "response_format")
            let model = try TestForm().recording().field("model", "gpt-4o-transcribe-diarize")
            try await client.post(Self.path, form: model).expectRefusal(param: "model")
        }
    }

    @Test func `a model that is an engine chooses it`() async throws {
        let recognizer = FakeRecognizer("Not by the engine.")
        try await TestServer(recognizer: recognizer).run { client in
            // The engine answers, or says where there are no models that it cannot be used.
            let response = try await client.post(
                Self.path,
                form: try TestForm().recording().field("model", "moonshine")
            )
            #expect([.ok, .serviceUnavailable].contains(response.status))
            #expect(recognizer.languages.isEmpty)
            try await client.post(Self.path, form: try TestForm().recording().field("model", "espeak-ng"))
                .expectRefusal(param: "model")
        }
    }

    @Test func `speakers may be named, which has no effect`() async throws {
        let form = try Self.form().field("known_speaker_names[]", "a").field("known_speaker_names[]", "b")
            .field("known_speaker_references[]", "c").field("known_speaker_references[]", "d")
        try await Self.server().run { client in
            let response = try await client.post(Self.path, form: form)
            #expect(response.status == .ok)
        }
    }

    @Test func `fields without effect are named`() async throws {
        let form = try Self.form().field("temperature", "0.5").field("prompt", "names").field("include[]", "logprobs")
        try await Self.server().run { client in
            let response = try await client.post(Self.path, form: form)
            let ignored = HTTPField.Name("X-Ignored-Fields").flatMap { response.headers[$0] }
            #expect(ignored == "prompt, temperature, include")
        }
    }

    @Test func `a stream has a delta for each utterance and the whole at the end`() async throws {
        let form = try TestForm().field("stream", "true").field("model", "gpt-4o-mini-transcribe").recording()
        try await Self.server().run { client in
            let response = try await client.post(Self.path, form: form)
            #expect(response.headers[.contentType] == "text/event-stream")
            let events = try response.events
            #expect(
                events.compactMap { $0["type"]?.string }
                    == ["transcript.text.delta", "transcript.text.delta", "transcript.text.done"]
            )
            #expect(events.compactMap { $0["delta"]?.string }.joined() == Self.text)
            #expect(events[2]["text"] == .string(Self.text))
            #expect(events[2]["usage"]?["input_tokens"] == 60)
            #expect(events.last == "[DONE]")
        }
    }

    @Test func `a stream of silence has the end only`() async throws {
        let form = try TestForm().recording().field("stream", "true").field("model", "gpt-4o-transcribe")
        try await TestServer(recognizer: FakeRecognizer()).run { client in
            let events = try await client.post(Self.path, form: form).events
            #expect(events.count == 2)
            #expect(events.first?["text"] == "")
        }
    }

    @Test func `whisper-1 is not streamed`() async throws {
        try await Self.server().run { client in
            let response = try await client.post(Self.path, form: try Self.form().field("stream", "true"))
            #expect(try response.json["text"] == .string(Self.text))
        }
    }

    @Test func `failures have a status, and in a stream are the last event`() async throws {
        let broken = TestServer(recognizer: FakeRecognizer(failure: .failed(engine: "fake", reason: "it broke.")))
        try await broken.run { client in
            try await client.post(Self.path, form: try Self.form()).expectRefusal(.internalServerError)
            let form = try TestForm().recording().field("stream", "true").field("model", "gpt-4o-transcribe")
            let events = try await client.post(Self.path, form: form).events
            #expect(events.last?["error"]?["message"]?.string?.contains("log says why") == true)
        }
        let busy = TestServer(recognizer: FakeRecognizer(failure: .busy(engine: "fake", retryAfter: .seconds(2))))
        try await busy.run { client in
            let response = try await client.post(Self.path, form: try Self.form())
            try response.expectRefusal(.serviceUnavailable)
            #expect(response.headers[.retryAfter] != nil)
        }
    }

    @Test func `options without a meaning here are accepted`() async throws {
        let form = try Self.form().field("prompt", "Beckett").field("language", "en-GB").field("include[]", "logprobs")
            .field("keywords[]", "fail").field("known_speaker_names[]", "agent").field(
                "chunking_strategy[type]",
                "server_vad"
            )
            .field("temperature", "").field("response_format", "")
        let recognizer = FakeRecognizer("Ever tried.", "No matter.")
        try await TestServer(recognizer: recognizer).run { client in
            let answer = try await client.post(Self.path, form: form).json
            #expect(answer["text"] == .string(Self.text))
            #expect(answer["logprobs"] == nil)
        }
        #expect(recognizer.languages == ["en-GB", "en-GB"])
    }

    @Test func `a recogniser that says nothing of its languages gets any`() async throws {
        let recognizer = FakeRecognizer("Bonjour.", languages: [])
        try await TestServer(recognizer: recognizer).run { client in
            let form = try Self.form().field("language", "fr").field("response_format", "verbose_json")
            #expect(try await client.post(Self.path, form: form).json["language"] == "french")
        }
        #expect(recognizer.languages.first == "fr")
    }

    @Test(arguments: [
        ("language", "fr", "language"), ("language", "../en", "language"), ("language", "e", "language"),
        ("temperature", "2", "temperature"), ("temperature", "warm", "temperature"),
        ("response_format", "yaml", "response_format"),
        ("timestamp_granularities[]", "letter", "timestamp_granularities"),
        ("include[]", "secrets", "include"), ("stream", "perhaps", "stream"),
    ])
    func `a field out of range is refused and named`(name: String, value: String, param: String) async throws {
        try await Self.server().run { client in
            try await client.post(Self.path, form: try Self.form().field(name, value)).expectRefusal(param: param)
        }
    }

    @Test func `a missing or repeated file and a missing model are refused`() async throws {
        try await Self.server().run { client in
            let model = TestForm().field("model", "whisper-1")
            try await client.post(Self.path, form: model).expectRefusal(param: "file")
            try await client.post(Self.path, form: model.field("file", "RIFF")).expectRefusal(param: "file")
            try await client.post(Self.path, form: try Self.form().recording()).expectRefusal(param: "file")
            try await client.post(Self.path, form: try TestForm().recording()).expectRefusal(param: "model")
            try await client.post(Self.path, form: try TestForm().recording().field("model", ""))
                .expectRefusal(param: "model")
        }
    }

    @Test(
        arguments: [[], [0], Array("not a sound at all".utf8), Array("RIFF\u{4}\u{0}\u{0}\u{0}WAVE".utf8)] as [[UInt8]]
    )
    func `a file that is no sound is refused`(bytes: [UInt8]) async throws {
        try await Self.server().run { client in
            let form = TestForm().file(bytes, filename: "../../etc/passwd").field("model", "whisper-1")
            try await client.post(Self.path, form: form).expectRefusal(param: "file")
        }
    }

    @Test func `a recording that is too long or too large is refused`() async throws {
        try await TestServer(settings: ["audio.max_duration=2s"]).run { client in
            try await client.post(Self.path, form: try Self.form()).expectRefusal(.contentTooLarge)
        }
        try await TestServer(settings: ["http.max_upload_bytes=1024"]).run { client in
            try await client.post(Self.path, form: try Self.form()).expectRefusal(.contentTooLarge)
        }
    }

    @Test func `of what keeps a recording from being decoded, only its own faults are told of the field`() {
        let own = APIFailure.undecodable(.notAudio(source: "the file"), in: "file")
        #expect(own.status == .badRequest && own.issues.map(\.location) == [["body", "file"]])
        let ours = APIFailure.undecodable(.noTemporaryFile(reason: "No space left on device"), in: "file")
        #expect(ours.status == .serviceUnavailable && ours.issues.isEmpty)
        #expect(!ours.message.contains("space"))
    }

    @Test func `there is room again after each request`() async throws {
        // The recording has six seconds, and room for seven is there once.
        let recordings = RecordingRoom(largest: 4 * 16_000 * 7, count: 1, decoders: 1, waiting: 0)
        try await TestServer(recordings: recordings).run { client in
            for isStreamed in [false, true, false, true] {
                let form = try TestForm().recording().field("model", "gpt-4o-transcribe")
                    .field("stream", String(isStreamed))
                #expect(try await client.post(Self.path, form: form).status == .ok)
            }
        }
        #expect(recordings.taken == 0)
    }

    @Test func `no body at all is a request without its fields`() async throws {
        try await Self.server().run { client in
            for headers in [[:], [.contentType: "multipart/form-data; boundary=x"]] as [HTTPFields] {
                let response = try await client.executeRequest(
                    uri: Self.path,
                    method: .post,
                    headers: headers,
                    body: nil
                )
                try response.expectRefusal(param: "model")
            }
        }
    }

    @Test func `another kind of body and a form cut short are refused`() async throws {
        try await Self.server().run { client in
            try await client.post(Self.path, "{}").expectRefusal(.unsupportedMediaType)
            try await client.post(
                Self.path,
                "--x\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhis",
                headers: [.contentType: "multipart/form-data; boundary=x"]
            ).expectRefusal()
        }
    }

    @Test func `a recording is translated only if it is said to be English`() async throws {
        let recognizer = FakeRecognizer("Ever tried.", "No matter.")
        try await TestServer(recognizer: recognizer).run { client in
            let path = "/v1/audio/translations"
            let verbose = try Self.form().field("response_format", "verbose_json").field("language", "en-GB")
            let answer = try await client.post(path, form: verbose).json
            #expect(answer["task"] == "translate")
            #expect(answer["language"] == "english")
            #expect(answer["text"] == .string(Self.text))
            try await client.post(path, form: try Self.form()).expectRefusal(param: "language")
            try await client.post(path, form: try Self.form().field("language", "de")).expectRefusal(param: "language")
        }
        #expect(recognizer.languages == ["en-GB", "en-GB"])
    }

    @Test(arguments: [false, true])
    func `a client that goes away ends the transcription`(isStreamed: Bool) async throws {
        let (events, happened) = AsyncStream.makeStream(of: String.self)
        try await TestServer(recognizer: SlowRecognizer(happened: happened), setup: .live).run { client in
            var request = HTTPClientRequest(url: "http://127.0.0.1:\(client.port ?? 0)\(Self.path)")
            request.method = .POST
            request.headers.add(name: "content-type", value: "multipart/form-data; boundary=\(TestForm.boundary)")
            let form = try TestForm().recording().field("model", "gpt-4o-transcribe")
            request.body = .bytes(form.field("stream", String(isStreamed)).bytes)
            let asking = Task { [request] in
                let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
                for try await _ in response.body {}
            }
            var iterator = events.makeAsyncIterator()
            #expect(await iterator.next() == "asked")
            asking.cancel()
            #expect(await iterator.next() == "cancelled")
        }
    }
}

/// A recogniser that takes its time, and tells when it is asked and when it is cancelled.
private struct SlowRecognizer: SpeechRecognizer {
    let happened: AsyncStream<String>.Continuation

    var name: String { "slow" }
    var partialInterval: Duration? { nil }
    var longestUtterance: Duration { .seconds(30) }

    func describe() async -> EngineDescription { await FakeRecognizer().describe() }

    func prepare() async throws {}

    func transcribe(_ audio: PCM, language: String?) async throws -> Transcript {
        happened.yield("asked")
        do {
            try await Task.sleep(for: .seconds(3600))
        } catch {
            happened.yield("cancelled")
            throw error
        }
        return Transcript(text: "")
    }
}

import AsyncHTTPClient
import Audio
import Dialogue
import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import NIOHTTP1
import Serving
import Speech
import Synchronization
import Testing

@testable import OpenAIAPI

/// Chats that are heard, and chats that are answered with sound, as a client sees them.
@Suite(.timeLimit(.minutes(5)))
struct SpokenChatTests {
    private static let path = "/v1/chat/completions"

    private static func body(_ more: [String: JSONValue] = [:]) -> JSONValue {
        .object(["model": "any", "messages": [["role": "user", "content": "Hi."]]].merging(more) { $1 })
    }

    /// A request for a spoken answer.
    private static func spoken(_ format: String, _ more: [String: JSONValue] = [:]) -> JSONValue {
        let wish: [String: JSONValue] = [
            "modalities": ["text", "audio"], "audio": ["voice": "ann", "format": .string(format)],
        ]
        return body(wish.merging(more) { $1 })
    }

    private static func recording(_ sound: PCM = .twoUtterances) throws -> JSONValue {
        recording(try AudioEncoder.encodeWhole(sound, as: .wav))
    }

    private static func recording(_ bytes: [UInt8]) -> JSONValue {
        let data = Data(bytes).base64EncodedString()
        return ["type": "input_audio", "input_audio": ["data": .string(data), "format": "wav"]]
    }

    private static func saying(_ parts: JSONValue...) -> JSONValue {
        [["role": "user", "content": .array(parts)]]
    }

    // MARK: - Hearing

    @Test func `whoever answers is told what is said in the recordings`() async throws {
        let responder = FakeResponder()
        let recognizer = FakeRecognizer("What is", "this?", "And", "that?")
        try await TestServer(recognizer: recognizer, responder: responder).run { client in
            let messages = Self.saying(
                try Self.recording(),
                ["type": "text", "text": "Be brief."],
                try Self.recording()
            )
            let answer = try await client.post(Self.path, json: Self.body(["messages": messages])).json
            #expect(answer["choices"]?[0]?["message"]?["content"] == "Hello there.")
        }
        #expect(responder.prompts == [Prompt("What is this?\nBe brief.\nAnd that?")])
    }

    @Test func `a recording that cannot be heard is refused and named`() async throws {
        let place = "messages.0.content.0.input_audio"
        let responder = FakeResponder()
        try await TestServer(responder: responder).run { client in
            let noSound = Self.saying(Self.recording(Array("this is not sound".utf8)))
            try await client.post(Self.path, json: Self.body(["messages": noSound]))
                .expectRefusal(param: "\(place).data")
            let silence = Self.saying(try Self.recording(.silence(.seconds(1), sampleRate: 16_000)))
            try await client.post(Self.path, json: Self.body(["messages": silence])).expectRefusal(param: place)
        }
        #expect(responder.prompts.isEmpty)
    }

    @Test func `a recording that is too long or too large is refused as an upload is`() async throws {
        let messages = Self.saying(try Self.recording())
        for limit in ["audio.max_duration=2s", "http.max_upload_bytes=1024"] {
            try await TestServer(settings: [limit], recognizer: FakeRecognizer("One.", "Two.")).run { client in
                try await client.post(Self.path, json: Self.body(["messages": messages]))
                    .expectRefusal(.contentTooLarge)
            }
        }
    }

    @Test func `what is wrong with a request is told before anything is heard`() async throws {
        let recognizer = FakeRecognizer("One.", "Two.")
        let messages = Self.saying(try Self.recording())
        let wrong: [(JSONValue, HTTPResponse.Status, String)] = [
            (Self.body(["n": 2]), .badRequest, "n"),
            (Self.spoken("wav", ["stream": "perhaps"]), .badRequest, "stream"),
            (Self.spoken("wav", ["audio": ["voice": "nobody", "format": "wav"]]), .notFound, "audio.voice"),
        ]
        try await TestServer(recognizer: recognizer).run { client in
            for (request, status, param) in wrong {
                var members = try #require(request.members)
                members["messages"] = messages
                try await client.post(Self.path, json: .object(members)).expectRefusal(status, param: param)
            }
        }
        #expect(recognizer.languages.isEmpty)
    }

    @Test func `recordings take memory from the uploads' until each is decoded`() async throws {
        let uploads = ByteBudget(limit: 100_000_000)
        let recognizer = WatchingRecognizer(uploads)
        let sound = PCM.tone(.seconds(1))
        let size = try AudioEncoder.encodeWhole(sound, as: .wav).count
        let messages = Self.saying(try Self.recording(sound), try Self.recording(sound), try Self.recording(sound))
        try await TestServer(recognizer: recognizer, uploads: uploads).run { client in
            let response = try await client.post(Self.path, json: Self.body(["messages": messages]))
            #expect(response.status == .ok)
        }
        #expect(recognizer.taken == [2 * size, size, 0])
        #expect(uploads.taken == 0)
    }

    // MARK: - Answering

    @Test(
        arguments: [
            ("wav", Array("RIFF".utf8)), ("mp3", [0xFF]), ("flac", Array("fLaC".utf8)), ("opus", Array("OggS".utf8)),
            ("aac", [0xFF, 0xF9]), ("pcm16", []),
        ] as [(String, [UInt8])]
    )
    func `a spoken answer has its sound and its transcript in the message`(format: String, sign: [UInt8]) async throws {
        let synthesizer = FakeSynthesizer()
        try await TestServer(synthesizer: synthesizer).run { client in
            let response = try await client.post(Self.path, json: Self.spoken(format))
            #expect(response.status == .ok)
            #expect(response.headers[.xVoice] == "fake/ann")
            let choice = try #require(try response.json["choices"]?[0])
            #expect(choice["finish_reason"] == "stop")
            let message = try #require(choice["message"])
            #expect(message["role"] == "assistant" && message["content"] == .null)
            let audio = try #require(message["audio"])
            #expect(audio["transcript"] == "Hello there.")
            #expect((audio["expires_at"]?.number ?? 0) > Date.now.timeIntervalSince1970)
            let sound = try Self.sound(audio)
            #expect(sound.starts(with: sign) && sound.count > 500)
            if format == "pcm16" { #expect(abs(sound.count - 24_000) <= 4) }
        }
        #expect(synthesizer.calls.map(\.voice) == ["fake/ann"])
    }

    @Test func `in a stream each sentence is followed by its sound`() async throws {
        let responder = FakeResponder([.text("One is "), .text("here. "), .text("Two is there.")])
        try await TestServer(responder: responder).run { client in
            let response = try await client.post(Self.path, json: Self.spoken("pcm16", ["stream": true]))
            #expect(response.headers[.contentType] == "text/event-stream")
            #expect(response.headers[.xVoice] == "fake/ann")
            let events = try response.events
            #expect(events.last == "[DONE]")
            let choices = events.dropLast().compactMap { $0["choices"]?[0] }
            #expect(choices.first?["delta"]?["role"] == "assistant")
            #expect(choices.last?["finish_reason"] == "stop")
            let parts = choices.compactMap { $0["delta"]?["audio"] }
            #expect(Set(parts.compactMap { $0["id"]?.string }).count == 1)
            #expect((parts.last?["expires_at"]?.number ?? 0) > Date.now.timeIntervalSince1970)
            let sounds = try parts.filter { $0["data"] != nil }.map(Self.sound)
            // Two segments of half a second each.
            #expect(abs(sounds.reduce(0) { $0 + $1.count } - 48_000) <= 8)
            let order = parts.map { part in part["transcript"]?.string ?? (part["data"] == nil ? "end" : "sound") }
            let folded = order.reduce(into: [String]()) { list, item in if list.last != item { list.append(item) } }
            #expect(folded == ["", "One is ", "here. ", "sound", "Two is there.", "sound", "end"])

            let id = try #require(parts.first?["id"])
            let messages: JSONValue = [
                ["role": "assistant", "audio": ["id": id]], ["role": "user", "content": "Thanks."],
            ]
            let more = try await client.post(Self.path, json: Self.body(["messages": messages]))
            #expect(more.status == .ok)
        }
        #expect(responder.prompts.last?.history == [Message(role: .assistant, text: "One is here. Two is there.")])
    }

    @Test(arguments: [true, "true", "yes", 1] as [JSONValue])
    func `a stream has no other sound than samples, however it is asked for`(stream: JSONValue) async throws {
        try await TestServer().run { client in
            try await client.post(Self.path, json: Self.spoken("wav", ["stream": stream]))
                .expectRefusal(param: "audio.format")
            let response = try await client.post(Self.path, json: Self.spoken("PCM16", ["stream": stream]))
            #expect(response.status == .ok)
        }
    }

    @Test func `engines that fail have a status before the first sound, and an event after it`() async throws {
        let failure = SpeechError.busy(engine: "fake", retryAfter: .seconds(2))
        try await TestServer(synthesizer: FakeSynthesizer(failure: failure)).run { client in
            for stream in [false, true] as [JSONValue] {
                let response = try await client.post(Self.path, json: Self.spoken("pcm16", ["stream": stream]))
                try response.expectRefusal(.serviceUnavailable)
            }
        }
        try await TestServer(synthesizer: FakeSynthesizer(failure: failure, failsLater: true)).run { client in
            try await client.post(Self.path, json: Self.spoken("pcm16")).expectRefusal(.serviceUnavailable)
            let events = try await client.post(Self.path, json: Self.spoken("pcm16", ["stream": true])).events
            #expect(events.last?["error"]?["message"]?.string != nil)
        }
    }

    @Test(arguments: ["wav", "mp3", "flac", "opus", "aac", "pcm16"])
    func `an answer without a word to speak has no sound and is none of the client's faults`(
        format: String
    ) async throws {
        let synthesizer = FakeSynthesizer()
        try await TestServer(synthesizer: synthesizer, responder: FakeResponder([.text("…")])).run { client in
            let response = try await client.post(Self.path, json: Self.spoken(format))
            #expect(response.status == .ok, "\(response.text)")
            let audio = try response.json["choices"]?[0]?["message"]?["audio"]
            #expect(audio?["transcript"] == "…")
            #expect(audio?["data"]?.string != nil)
            guard format == "pcm16" else { return }
            #expect(audio?["data"] == "")
            let events = try await client.post(Self.path, json: Self.spoken(format, ["stream": true])).events
            #expect(events.last == "[DONE]")
            #expect(events.allSatisfy { $0["choices"]?[0]?["delta"]?["audio"]?["data"] == nil })
        }
        #expect(synthesizer.calls.isEmpty)
    }

    @Test func `an answer that is too long to be spoken at once is spoken in a stream`() async throws {
        let responder = FakeResponder([.text("This is a sentence. "), .text("And this is another.")])
        try await TestServer(settings: ["speech.max_text_length=30"], responder: responder).run { client in
            let refusal = try await client.post(Self.path, json: Self.spoken("pcm16"))
            try refusal.expectRefusal(.badGateway)
            #expect(refusal.text.contains("stream"))
            let response = try await client.post(Self.path, json: Self.spoken("pcm16", ["stream": true]))
            let events = try response.events
            #expect(events.last == "[DONE]")
        }
    }

    @Test(arguments: [false, true])
    func `a client that goes away ends the synthesis`(isStreamed: Bool) async throws {
        let (events, happened) = AsyncStream.makeStream(of: String.self)
        try await TestServer(synthesizer: SlowSynthesizer(happened: happened), setup: .live).run { client in
            var request = HTTPClientRequest(url: "http://127.0.0.1:\(client.port ?? 0)\(Self.path)")
            request.method = .POST
            request.headers.add(name: "content-type", value: "application/json")
            request.body = .bytes(Self.spoken("pcm16", ["stream": .bool(isStreamed)]).bytes)
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

    @Test func `a client that goes away while it is spoken to ends the answer`() async throws {
        let (events, happened) = AsyncStream.makeStream(of: String.self)
        let responder = UnfinishedResponder(happened: happened)
        try await TestServer(responder: responder, setup: .live).run { client in
            var request = HTTPClientRequest(url: "http://127.0.0.1:\(client.port ?? 0)\(Self.path)")
            request.method = .POST
            request.headers.add(name: "content-type", value: "application/json")
            request.body = .bytes(Self.spoken("pcm16", ["stream": true]).bytes)
            let listening = Task { [request] in
                let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
                var text = ""
                for try await buffer in response.body {
                    text += String(buffer: buffer)
                    if text.contains(#""data":"#) { happened.yield("heard") }
                }
            }
            var iterator = events.makeAsyncIterator()
            // The first sentence is heard although the rest, which is being waited for, is not there.
            var missing: Set = ["heard", "asked"]
            while !missing.isEmpty, let event = await iterator.next() { missing.remove(event) }
            listening.cancel()
            while let event = await iterator.next(), event != "cancelled" {}
        }
    }

    private static func sound(_ audio: JSONValue) throws -> [UInt8] {
        let data = try #require(audio["data"]?.string)
        return Array(try #require(Data(base64Encoded: data)))
    }
}

/// A recogniser that notes how much memory uploads have taken when it is asked.
private final class WatchingRecognizer: SpeechRecognizer {
    private let uploads: ByteBudget
    private let log = Mutex<[Int]>([])
    var taken: [Int] { log.withLock { $0 } }

    init(_ uploads: ByteBudget) {
        self.uploads = uploads
    }

    var name: String { "watching" }
    var partialInterval: Duration? { nil }
    var longestUtterance: Duration { .seconds(30) }

    func describe() async -> EngineDescription { await FakeRecognizer().describe() }

    func prepare() async throws {}

    func transcribe(_ audio: PCM, language: String?) async throws -> Transcript {
        log.withLock { $0.append(uploads.taken) }
        return Transcript(text: "Word.", language: language)
    }
}

/// A responder that says one sentence and nothing more, and tells when it is asked for more and when that is cancelled.
private struct UnfinishedResponder: Responder {
    let happened: AsyncStream<String>.Continuation

    var name: String { "unfinished" }

    func respond(to prompt: Prompt) -> Response {
        let first = Mutex<ResponsePiece?>(.text("One is here. Two "))
        let sentence = Sentence(piece: first)
        return Response { [happened] in
            if let piece = sentence.piece.withLock({ $0.take() }) { return piece }
            happened.yield("asked")
            do {
                try await Task.sleep(for: .seconds(3600))
            } catch {
                happened.yield("cancelled")
                throw error
            }
            return nil
        }
    }

    private final class Sentence: Sendable {
        let piece: Mutex<ResponsePiece?>

        init(piece: consuming Mutex<ResponsePiece?>) {
            self.piece = piece
        }
    }
}

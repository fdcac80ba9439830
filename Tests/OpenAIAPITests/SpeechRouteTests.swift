import AsyncHTTPClient
import Audio
import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import NIOHTTP1
import Serving
import Speech
import Testing

@testable import OpenAIAPI

@Suite(.timeLimit(.minutes(5)))
struct SpeechRouteTests {
    private static let path = "/v1/audio/speech"

    private static func body(_ more: [String: JSONValue] = [:]) -> JSONValue {
        .object(["model": "tts-1", "input": "Hello there.", "voice": "alloy"].merging(more) { $1 })
    }

    @Test func `speech is MP3 unless asked otherwise`() async throws {
        try await TestServer().run { client in
            let response = try await client.post(Self.path, json: Self.body())
            #expect(response.status == .ok)
            #expect(response.headers[.contentType] == "audio/mpeg")
            let sound = try AudioDecoder.decode(bytes: Array(response.body.readableBytesView))
            #expect(sound.sampleRate == 24_000)
            #expect(abs(sound.duration.seconds - 0.5) < 0.2)
        }
    }

    @Test(
        arguments: [
            ("mp3", "audio/mpeg", [0xFF]), ("opus", "audio/opus", Array("OggS".utf8)),
            ("aac", "audio/aac", [0xFF, 0xF9]),
            ("flac", "audio/flac", Array("fLaC".utf8)), ("wav", "audio/wav", Array("RIFF".utf8)),
        ] as [(String, String, [UInt8])]
    )
    func `all formats come with their type and their content`(name: String, type: String, sign: [UInt8]) async throws {
        try await TestServer().run { client in
            let response = try await client.post(
                Self.path,
                json: Self.body(["response_format": .string(name)])
            )
            #expect(response.status == .ok)
            #expect(response.headers[.contentType] == type)
            #expect(response.body.readableBytesView.starts(with: sign))
            #expect(response.body.readableBytes > 500)
        }
    }

    @Test func `raw sound has 24 thousand samples a second of two bytes`() async throws {
        try await TestServer().run { client in
            let response = try await client.post(Self.path, json: Self.body(["response_format": "pcm"]))
            #expect(response.headers[.contentType] == "audio/pcm")
            // Half a second, made at another rate.
            #expect(abs(response.body.readableBytes - 24_000) <= 4)
        }
    }

    @Test func `a WAV header says that the rate is 24 kHz, and how long the sound is where that is known`() async throws
    {
        try await TestServer().run { client in
            for (more, isWhole) in [
                (["input": "Hello there."], true), (["input": "One. Two."], false), (["stream": true], false),
                (["input": "One. Two.", "stream": false], true), (["input": "One. Two.", "stream": "False"], true),
            ] as [([String: JSONValue], Bool)] {
                let response = try await client.post(
                    Self.path,
                    json: Self.body(["response_format": "wav"].merging(more) { $1 })
                )
                let bytes = Array(response.body.readableBytesView)
                #expect(Array(bytes[24..<28]) == [0xC0, 0x5D, 0, 0])
                let size = UInt32(bytes.count - 44)
                let stated = bytes[40..<44].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
                #expect(stated == (isWhole ? size : UInt32.max), "\(more)")
                #expect(response.headers[.contentLength] == (isWhole ? String(bytes.count) : nil), "\(more)")
            }
        }
    }

    @Test func `a whole file of any format may be asked for, also in the query, but not as events`() async throws {
        try await TestServer().run { client in
            let response = try await client.post(Self.path + "?stream=false", json: Self.body(["input": "One. Two."]))
            #expect(response.headers[.contentLength] == String(response.body.readableBytes))
            try await client.post(Self.path, json: Self.body(["stream": false, "stream_format": "sse"]))
                .expectRefusal(param: "stream")
            try await client.post(Self.path + "?stream=perhaps", json: Self.body()).expectRefusal(param: "stream")
        }
    }

    @Test(arguments: ["nobody", "../../etc/passwd", "/etc/passwd"])
    func `a voice that is not there is not found, as on the other routes`(name: String) async throws {
        try await TestServer().run { client in
            let response = try await client.post(Self.path, json: Self.body(["voice": .string(name)]))
            try response.expectRefusal(.notFound, param: "voice")
        }
    }

    @Test func `default is the usual voice`() async throws {
        let synthesizer = FakeSynthesizer()
        try await TestServer(settings: ["speech.voice=ann"], synthesizer: synthesizer).run { client in
            for voice in ["default", "Default", "alloy"] as [JSONValue] {
                let response = try await client.post(Self.path, json: Self.body(["voice": voice]))
                #expect(response.status == .ok)
            }
        }
        #expect(synthesizer.calls.map(\.voice) == ["fake/ann", "fake/ann", "fake/ann"])
    }

    @Test func `fields that can only be meant as others are refused, and those without effect are named`() async throws
    {
        try await TestServer().run { client in
            for (field, meant) in [("text", "input"), ("format", "response_format"), ("voice_id", "voice")] {
                let response = try await client.post(Self.path, json: Self.body([field: "a"]))
                try response.expectRefusal(param: field)
                #expect(response.text.contains("did you mean \(meant)?"))
            }
            let response = try await client.post(
                Self.path + "?api-version=2025-01-01",
                json: Self.body(["instructions": "Whisper.", "user": "u", "lang_code": "a"])
            )
            #expect(response.status == .ok)
            #expect(response.headers[.xIgnoredFields] == "instructions, api-version, lang_code, user")
            let plain = try await client.post(Self.path, json: Self.body())
            #expect(plain.headers[.xIgnoredFields] == nil)
        }
    }

    @Test func `the route is mounted a second time`() async throws {
        try await TestServer().run { client in
            let response = try await client.post("/tts" + Self.path, json: Self.body())
            #expect(response.status == .ok)
        }
    }

    @Test func `events carry the sound and end with the usage`() async throws {
        try await TestServer().run { client in
            let response = try await client.post(
                Self.path,
                json: Self.body(["response_format": "pcm", "stream_format": "sse", "input": "One. Two."])
            )
            #expect(response.headers[.contentType] == "text/event-stream")
            let events = try response.events
            let sound = events.dropLast().compactMap { event -> Data? in
                #expect(event["type"] == "speech.audio.delta")
                return event["audio"]?.string.flatMap { Data(base64Encoded: $0) }
            }
            let plain = try await client.post(
                Self.path,
                json: Self.body(["response_format": "pcm", "input": "One. Two."])
            )
            #expect(sound.reduce(Data(), +) == Data(plain.body.readableBytesView))
            #expect(events.last?["type"] == "speech.audio.done")
            let usage = events.last?["usage"]
            #expect(usage?["input_tokens"]?.number == 3)
            let seconds = Double(plain.body.readableBytes) / 48_000
            #expect(abs((usage?["output_tokens"]?.number ?? 0) - seconds * 20) <= 1)
            #expect(
                usage?["total_tokens"]?.number == 3 + (usage?["output_tokens"]?.number ?? 0)
            )
        }
    }

    @Test func `a failure after the first sound is the last event`() async throws {
        let synthesizer = FakeSynthesizer(failure: .failed(engine: "fake", reason: "it broke."), failsLater: true)
        try await TestServer(synthesizer: synthesizer).run { client in
            let response = try await client.post(Self.path, json: Self.body(["stream_format": "sse"]))
            #expect(response.status == .ok)
            #expect(try response.events.last?["error"]?["message"]?.string?.contains("log says why") == true)
        }
    }

    @Test func `a failure before the first sound has a status`() async throws {
        let busy = FakeSynthesizer(failure: .busy(engine: "fake", retryAfter: .seconds(3)))
        try await TestServer(synthesizer: busy).run { client in
            let response = try await client.post(Self.path, json: Self.body())
            try response.expectRefusal(.serviceUnavailable)
            #expect(response.headers[.retryAfter] != nil)
        }
        let broken = FakeSynthesizer(failure: .failed(engine: "fake", reason: "it broke."))
        try await TestServer(synthesizer: broken).run { client in
            let response = try await client.post(Self.path, json: Self.body(["stream_format": "sse"]))
            try response.expectRefusal(.internalServerError)
        }
    }

    @Test func `voice and speed reach the engine`() async throws {
        let synthesizer = FakeSynthesizer()
        try await TestServer(
            settings: [#"speech.voice_map={"alloy": "ann", "House": "joe"}"#, "speech.speed=1.5"],
            synthesizer: synthesizer
        ).run { client in
            for voice in ["alloy", ["id": "fake/joe"], "house", "ANN", "nova", .null] as [JSONValue] {
                let response = try await client.post(Self.path, json: Self.body(["voice": voice]))
                #expect(response.status == .ok, "\(voice)")
            }
            _ = try await client.post(Self.path, json: Self.body(["speed": 0.25, "instructions": "Whisper."]))
        }
        let calls = synthesizer.calls
        #expect(calls.map(\.voice) == ["fake/ann", "fake/joe", "fake/joe", "fake/ann", nil, nil, "fake/ann"])
        #expect(calls.map(\.speed) == [1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 0.25])
    }

    @Test(arguments: ["audio", "sse"])
    func `the answer names who speaks, and another engine speaks only when no voice is named`(
        form: String
    ) async throws {
        let broken = SpeechError.failed(engine: "fake", reason: "it broke.")
        let both = FallbackSynthesizer([FakeSynthesizer(failure: broken), FakeSynthesizer("spare")])
        func server(_ settings: String...) -> TestServer {
            TestServer(settings: ["speech.voice_map=echo=ann"] + settings, synthesizer: both)
        }
        try await server().run { client in
            for voice in ["joe", "fake/ann", "echo", ["id": "joe"]] as [JSONValue] {
                let refusal = try await client.post(
                    Self.path,
                    json: Self.body(["voice": voice, "stream_format": .string(form)])
                )
                try refusal.expectRefusal(.serviceUnavailable)
                #expect(refusal.text.contains("engine fake"), "\(refusal.text)")
            }
            for voice in ["alloy", "nova", .null] as [JSONValue] {
                let answer = try await client.post(
                    Self.path,
                    json: Self.body(["voice": voice, "stream_format": .string(form)])
                )
                #expect(answer.status == .ok)
                #expect(answer.headers[.xEngine] == "spare")
                #expect(answer.headers[.xVoice] == "spare/default")
            }
        }
        try await server("speech.voice_failover=true").run { client in
            let answer = try await client.post(
                Self.path,
                json: Self.body(["voice": "joe", "stream_format": .string(form)])
            )
            #expect(answer.status == .ok)
            #expect(answer.headers[.xVoice] == "spare/default")
        }
    }

    @Test func `a client that goes away before the first sound ends the synthesis`() async throws {
        let (events, happened) = AsyncStream.makeStream(of: String.self)
        try await TestServer(synthesizer: SlowSynthesizer(happened: happened), setup: .live).run { client in
            var request = HTTPClientRequest(url: "http://127.0.0.1:\(client.port ?? 0)\(Self.path)")
            request.method = .POST
            request.headers.add(name: "content-type", value: "application/json")
            request.body = .bytes(Self.body().bytes)
            let asking = Task { [request] in
                _ = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
            }
            var iterator = events.makeAsyncIterator()
            #expect(await iterator.next() == "asked")
            asking.cancel()
            #expect(await iterator.next() == "cancelled")
        }
    }

    @Test(
        arguments: [
            (["voice": ["name": "joe"]], "voice"), (["voice": ["id": ""]], "voice"), (["voice": 7], "voice"),
            (["voice": ""], "voice"), (["voice": .string(String(repeating: "a", count: 201))], "voice"),
            (["model": .null], "model"), (["model": ""], "model"), (["model": 1], "model"),
            (["model": .string(String(repeating: "m", count: 201))], "model"),
            (["input": .null], "input"), (["input": ""], "input"), (["input": "  \n "], "input"),
            (["input": ["a"]], "input"),
            (["input": "…"], "input"), (["input": .string(String(repeating: "a", count: 101))], "input"),
            (["speed": 0.2], "speed"), (["speed": 4.1], "speed"), (["speed": "fast"], "speed"),
            (["response_format": "ogg"], "response_format"), (["response_format": "mulaw"], "response_format"),
            (["stream_format": "websocket"], "stream_format"), (["instructions": 1], "instructions"),
        ] as [([String: JSONValue], String)]
    )
    func `a field out of range is refused and named`(fields: [String: JSONValue], param: String) async throws {
        let synthesizer = FakeSynthesizer()
        try await TestServer(settings: ["speech.max_text_length=100"], synthesizer: synthesizer).run { client in
            try await client.post(Self.path, json: Self.body(fields)).expectRefusal(param: param)
        }
        #expect(synthesizer.calls.isEmpty)
    }

    @Test(arguments: [
        "", "{", "[]", "null", "\"text\"", "{\"model\": \"tts-1\",}", "\u{0}", String(repeating: "[", count: 5000),
    ])
    func `a body that is no object of JSON is refused`(body: String) async throws {
        try await TestServer().run { client in
            try await client.post(Self.path, body).expectRefusal()
        }
    }

    @Test func `another kind of body and one that is too large are refused`() async throws {
        try await TestServer(settings: ["http.max_body_bytes=2000"]).run { client in
            try await client.post(Self.path, "{}", headers: [.contentType: "text/plain"])
                .expectRefusal(.unsupportedMediaType)
            try await client.post(Self.path, String(repeating: " ", count: 2001)).expectRefusal(.contentTooLarge)
            let response = try await client.post(Self.path, json: Self.body())
            #expect(response.status == .ok)
        }
    }

    @Test(arguments: ["tts-1-hd", "gpt-4o-mini-tts-2025-12-15", "kokoro", "piper", "../x"])
    func `any name of a model is accepted`(name: String) async throws {
        try await TestServer().run { client in
            let response = try await client.post(Self.path, json: Self.body(["model": .string(name)]))
            #expect(response.status == .ok)
        }
    }
}

import Audio
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Serving
import Speech
import Synchronization
import Testing

@testable import SpeechAPI

@Suite(.timeLimit(.minutes(5))) struct SynthesisTests {
    private static let hello: JSONValue = ["text": "Hello there.", "voice_id": "default"]

    private static func hello(_ more: [String: JSONValue]) -> JSONValue {
        .object((hello.members ?? [:]).merging(more) { _, new in new })
    }

    @Test func `a text becomes a WAV file with the headers of a download`() async throws {
        try await TestServer.run { server in
            let answer = try await server.post("/tts", Self.hello)
            #expect(answer.status == 200)
            #expect(answer.headers[.contentType] == "audio/wav")
            let disposition = try #require(answer.headers[.contentDisposition])
            #expect(disposition.wholeMatch(of: #/attachment; filename="tts_output_\d{8}_\d{6}\.wav"/#) != nil)
            #expect(try #require(answer.headers[.xProcessingTime].flatMap(Double.init)) >= 0)
            let sound = try AudioDecoder.decode(bytes: answer.body)
            #expect(sound.sampleRate == ToneSynthesizer.sampleRate)
            #expect(sound.duration.milliseconds.rounded() == 200)
        }
    }

    @Test func `a WAV file that is complete before it is sent states its sizes, and any file may be asked for whole`()
        async throws
    {
        try await TestServer.run { server in
            let long: [String: JSONValue] = ["text": "First one here. Second one. Third one."]
            for (more, query, isWhole) in [
                ([:], "", true), (long, "", false), (["stream": true], "", false),
                (long.merging(["stream": "no"]) { $1 }, "", true), (long, "?stream=False", true),
                (["remove_silence": "Yes"], "", true), (["chunk_size": 100], "", true),
            ] as [([String: JSONValue], String, Bool)] {
                let answer = try await server.post("/tts" + query, Self.hello(more))
                #expect(answer.status == 200)
                #expect(answer.headers[.contentLength] == (isWhole ? String(answer.body.count) : nil), "\(more)")
                let stated = answer.body[40..<44].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
                #expect(stated == (isWhole ? UInt32(answer.body.count - 44) : .max), "\(more)")
            }
            let mp3 = try await server.post("/tts", Self.hello(["format": "MP3", "stream": 0]))
            #expect(mp3.headers[.contentLength] == String(mp3.body.count))
            #expect(try await server.post("/tts", Self.hello(["format": "mp3"])).headers[.contentLength] == nil)
        }
    }

    @Test func `a field that can only be meant as another is 422, and one without effect is named`() async throws {
        try await TestServer.run { server in
            for (field, meant) in [
                ("voice", "voice_id"), ("speed", "speed_factor"), ("input", "text"), ("ouput_format", "output_format"),
                ("voiceId", "voice_id"),
            ] {
                for (path, more) in [("/tts", [field: "joe"]), ("/tts?\(field)=joe", [:])]
                    as [(String, [String: JSONValue])]
                {
                    let answer = try await server.post(path, Self.hello(more))
                    #expect(answer.status == 422, "\(path)")
                    #expect(answer.json["detail.0.loc"] == [path == "/tts" ? "body" : "query", .string(field)])
                    #expect(answer.json["detail.0.msg"].string?.contains("did you mean \(meant)?") == true)
                }
            }
            let answer = try await server.post(
                "/tts?_=123&access_token=x",
                Self.hello(["temperature": 0.7, "seed": .null, "model": "tts-1"])
            )
            #expect(answer.status == 200)
            #expect(answer.headers[.xIgnoredFields] == "temperature, _, model")
            #expect(try await server.post("/tts", Self.hello).headers[.xIgnoredFields] == nil)
        }
    }

    @Test func `OpenAI's voices and default are the usual voice on this route too`() async throws {
        let synthesizer = ToneSynthesizer()
        try await TestServer.run(["speech.voice=anna_maria"], synthesizer: synthesizer) { server in
            for voice in ["default", "DEFAULT", "alloy", "Nova"] as [JSONValue] {
                let answer = try await server.post("/tts", ["text": "Hi.", "voice_id": voice])
                #expect(answer.status == 200)
            }
        }
        #expect(synthesizer.options.map(\.voice) == Array(repeating: Voice.fakes[1], count: 4))
    }

    @Test func `without a voice the refusal says what to send`() async throws {
        try await TestServer.run { server in
            let answer = try await server.post("/tts", ["text": "Hello."])
            #expect(answer.status == 400)
            let message = try #require(answer.json["detail"].string)
            #expect(message.contains("give voice_id, such as joe, or default"), "\(message)")
        }
    }

    @Test func `a broken body is told with its byte and half of a surrogate pair is read`() async throws {
        let synthesizer = ToneSynthesizer()
        try await TestServer.run(synthesizer: synthesizer) { server in
            func send(_ body: String) async throws -> TestServer.Answer {
                try await server.send(
                    .post,
                    "/tts",
                    headers: [.contentType: "application/json"],
                    body: Array(body.utf8)
                )
            }
            let broken = try await send(#"{"text": 'Hello.'}"#)
            #expect(broken.status == 422)
            #expect(broken.json["detail.0.type"] == "json_invalid")
            #expect(broken.json["detail.0.loc"] == ["body", 9])
            #expect(broken.json["error"].string?.contains("unexpected character at byte 9") == true)
            #expect(try await send(#"{"text": "Hello \ud83d you.", "voice_id": "joe"}"#).status == 200)
        }
        #expect(synthesizer.segments.count == 1)
    }

    @Test(arguments: [
        ("wav", "audio/wav", "wav"), ("opus", "audio/opus", "opus"), ("mp3", "audio/mp3", "mp3"),
        ("flac", "audio/flac", "flac"), ("pcm", "audio/pcm", "pcm"), ("mulaw", "audio/PCMU", "ulaw"),
        ("alaw", "audio/PCMA", "alaw"),
    ])
    func `the answer has the format asked for`(format: String, type: String, ending: String) async throws {
        try await TestServer.run { server in
            for field in ["output_format", "format"] {
                let answer = try await server.post("/tts", Self.hello([field: .string(format)]))
                #expect(answer.status == 200)
                #expect(answer.headers[.contentType] == type)
                #expect(answer.headers[.contentDisposition]?.hasSuffix(".\(ending)\"") == true)
                #expect(answer.body.count > 100)
            }
        }
    }

    @Test func `format, rate and speed come from the settings when the request does not say`() async throws {
        let synthesizer = ToneSynthesizer()
        let settings = ["speech.format=flac", "speech.sample_rate=8000", "speech.speed=1.5"]
        try await TestServer.run(settings, synthesizer: synthesizer) { server in
            let answer = try await server.post("/tts", Self.hello(["output_format": .null]))
            #expect(answer.headers[.contentType] == "audio/flac")
            #expect(try AudioDecoder.decode(bytes: answer.body).sampleRate == 8000)
            _ = try await server.post("/tts", Self.hello(["speed_factor": 2]))
            #expect(synthesizer.options.map(\.speed) == [1.5, 2])
        }
    }

    @Test func `a rate that a format cannot have gives way to the next one`() async throws {
        try await TestServer.run(["speech.sample_rate=96000"]) { server in
            let answer = try await server.post("/tts", Self.hello(["format": "mulaw"]))
            #expect(answer.status == 200)
        }
    }

    @Test func `the voice asked for speaks`() async throws {
        let synthesizer = ToneSynthesizer()
        try await TestServer.run(synthesizer: synthesizer) { server in
            for field in ["predefined_voice_id", "voice_id", "voice_path"] {
                let answer = try await server.post("/tts", ["text": "Hello.", field: "anna_maria.wav"])
                #expect(answer.status == 200)
            }
            #expect(synthesizer.options.map(\.voice) == Array(repeating: Voice.fakes[1], count: 3))
        }
    }

    @Test func `without a voice, or a recording where one is needed, the request is 400`() async throws {
        try await TestServer.run { server in
            for body in [["text": "Hello."], ["text": "Hello.", "voice_mode": "clone"]] as [JSONValue] {
                let answer = try await server.post("/tts", body)
                #expect(answer.status == 400)
                #expect(answer.json["detail"].string != nil)
            }
        }
    }

    @Test func `an unknown voice or recording is 404 and named`() async throws {
        try await TestServer.run { server in
            let voice = try await server.post("/tts", ["text": "Hello.", "predefined_voice_id": "nobody"])
            #expect(voice.status == 404)
            #expect(voice.json["detail"].string?.contains("nobody") == true)
            for mode in ["clone", "reference"] {
                let recording = try await server.post(
                    "/tts",
                    ["text": "Hi.", "voice_mode": .string(mode), "reference_audio_filename": "Gianna.wav"]
                )
                #expect(recording.status == 404)
                #expect(recording.json["detail"].string?.contains("Gianna.wav") == true)
            }
        }
    }

    @Test(arguments: ["../config.yaml", "/etc/passwd", "..\\..\\secret.wav", "voices/../../x.wav", "\u{0}"])
    func `a path in place of a voice is an unknown voice`(path: String) async throws {
        try await TestServer.run { server in
            for field in ["predefined_voice_id", "voice_id", "voice_path"] {
                let answer = try await server.post("/tts", ["text": "Hello.", field: .string(path)])
                #expect(answer.status == 404)
            }
        }
    }

    @Test(arguments: [
        ("temperature", -0.1, "greater_than_equal"), ("temperature", 2.1, "less_than_equal"),
        ("exaggeration", 2.5, "less_than_equal"), ("cfg_weight", -1, "greater_than_equal"),
        ("speed_factor", 0.2, "greater_than_equal"), ("speed_factor", 100, "less_than_equal"),
        ("seed", -2, "greater_than_equal"), ("seed", 1.5, "int_type"), ("chunk_size", 49, "greater_than_equal"),
        ("chunk_size", 1001, "less_than_equal"), ("chunk_size", 100.5, "int_type"),
    ])
    func `a number out of its range is 422 and its place is told`(
        field: String,
        value: Double,
        kind: String
    ) async throws {
        try await TestServer.run { server in
            let answer = try await server.post("/tts", Self.hello([field: .number(value)]))
            #expect(answer.status == 422)
            #expect(answer.json["detail.0.type"] == .string(kind))
            #expect(answer.json["detail.0.loc"] == ["body", .string(field)])
        }
    }

    @Test func `the bounds of all ranges are allowed`() async throws {
        try await TestServer.run { server in
            for (low, size) in [(0.0, 50.0), (2, 1000)] {
                let answer = try await server.post(
                    "/tts",
                    Self.hello([
                        "temperature": .number(low), "exaggeration": .number(low), "cfg_weight": .number(low),
                        "speed_factor": .number(low == 0 ? 0.25 : 4), "seed": -1, "chunk_size": .number(size),
                    ])
                )
                #expect(answer.status == 200)
            }
        }
    }

    @Test func `all faults of a request are told at once`() async throws {
        try await TestServer.run { server in
            let answer = try await server.post(
                "/tts",
                ["voice_mode": "guess", "output_format": "midi", "split_text": "perhaps", "text": ""]
            )
            #expect(answer.status == 422)
            let faults = answer.json["detail"].elements?.map { [$0["loc.1"].string, $0["type"].string] }
            #expect(
                faults == [
                    ["text", "string_too_short"], ["voice_mode", "literal_error"], ["output_format", "literal_error"],
                    ["split_text", "bool_type"],
                ]
            )
            #expect(answer.json["metadata.error_code"] == "VALIDATION_FAILED")
        }
    }

    @Test func `a missing, wrong or overlong text is 422`() async throws {
        try await TestServer.run(["speech.max_text_length=10"]) { server in
            func kind(_ text: JSONValue?) async throws -> String? {
                var body: [String: JSONValue] = ["voice_id": "default"]
                body["text"] = text
                let answer = try await server.post("/tts", .object(body))
                #expect(answer.status == 422)
                return answer.json["detail.0.type"].string
            }
            let expected: [(JSONValue?, String)] = [
                (nil, "missing"), (.null, "missing"), ("", "string_too_short"), (7, "string_type"),
                (["Hello"], "string_type"), ("Hello there", "string_too_long"),
            ]
            for (text, fault) in expected {
                let kind = try await kind(text)
                #expect(kind == fault)
            }
            let answer = try await server.post("/tts", Self.hello(["text": "Hello you."]))
            #expect(answer.status == 200)
        }
    }

    @Test(arguments: ["   ", "*** --- ***", "\u{200B}\u{FEFF}", "👍👍"])
    func `a text with nothing to say is 422`(text: String) async throws {
        try await TestServer.run { server in
            for more in [[:], ["chunk_size": 100]] as [[String: JSONValue]] {
                let answer = try await server.post("/tts", Self.hello(more.merging(["text": .string(text)]) { $1 }))
                #expect(answer.status == 422)
            }
        }
    }

    @Test(arguments: ["{", "", "[]", "\"text\"", "{\"text\":}", "\u{FF}", "nul"])
    func `a body that is no JSON object is 422`(body: String) async throws {
        try await TestServer.run { server in
            let answer = try await server.send(
                .post,
                "/tts",
                headers: [.contentType: "application/json"],
                body: Array(body.utf8)
            )
            #expect(answer.status == 422)
            #expect(answer.json["detail.0.loc.0"] == "body")
        }
    }

    @Test func `JSON nested without end is refused and does no harm`() async throws {
        try await TestServer.run { server in
            let body = Array(String(repeating: "[", count: 100_000).utf8)
            let answer = try await server.send(
                .post,
                "/tts",
                headers: [.contentType: "application/json"],
                body: body
            )
            #expect(answer.status == 422)
        }
    }

    @Test func `the body must be JSON, or not say what it is`() async throws {
        try await TestServer.run { server in
            for type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"] {
                let answer = try await server.post("/tts", Self.hello, contentType: type)
                #expect(answer.status == 415)
            }
            for type in [nil, "application/json; charset=utf-8", "APPLICATION/JSON"] {
                let answer = try await server.post("/tts", Self.hello, contentType: type)
                #expect(answer.status == 200)
            }
        }
    }

    @Test func `a body larger than the settings allow is 413`() async throws {
        try await TestServer.run(["http.max_body_bytes=2048"]) { server in
            let answer = try await server.post(
                "/tts",
                Self.hello(["text": .string(String(repeating: "a", count: 4000))])
            )
            #expect(answer.status == 413)
        }
    }

    @Test func `a server without a synthesiser says so and when to ask again, and tells no paths`() async throws {
        try await TestServer.run(canSpeak: false) { server in
            let answer = try await server.post("/tts", Self.hello)
            #expect(answer.status == 503)
            #expect(answer.json["metadata.error_code"] == "MODEL_NOT_LOADED")
            #expect(answer.headers[.retryAfter] != nil)
            #expect(!answer.text.contains("/secret"))
            #expect(try await server.post("/tts", ["voice_id": "default"]).status == 422)
        }
    }

    @Test func `a failure before the first sound has a status`() async throws {
        try await TestServer.run(synthesizer: ToneSynthesizer(failsAfter: 0)) { server in
            let answer = try await server.post("/tts", Self.hello)
            #expect(answer.status == 500)
            #expect(answer.json["metadata.error_code"] == "PROCESSING_FAILED")
        }
    }

    @Test func `without fields about chunks the text is cut so that sound comes early`() async throws {
        let synthesizer = ToneSynthesizer()
        try await TestServer.run(synthesizer: synthesizer) { server in
            _ = try await server.post("/tts", Self.hello(["text": "First one here. **Second** one. Third one."]))
            #expect(synthesizer.segments == ["First one here.", "Second one.", "Third one."])
        }
    }

    @Test func `chunks are as long as asked for`() async throws {
        let sentence = "This is a sentence of some length. "
        let text = JSONValue.string(String(repeating: sentence, count: 100))
        func chunks(_ fields: [String: JSONValue]) async throws -> [Int] {
            let synthesizer = ToneSynthesizer()
            try await TestServer.run(synthesizer: synthesizer) { server in
                let answer = try await server.post("/tts", Self.hello(fields.merging(["text": text]) { $1 }))
                #expect(answer.status == 200)
            }
            #expect(synthesizer.segments.joined(separator: " ") == String(repeating: sentence, count: 100).dropLast())
            return synthesizer.segments.map(\.count)
        }
        #expect(try await chunks(["chunk_size": 200]).dropLast().allSatisfy { $0 > 150 && $0 <= 200 })
        #expect(try await chunks(["split_text": true]).dropLast().allSatisfy { $0 > 80 && $0 <= 120 })
        #expect(try await chunks(["split_text": false]).dropLast().allSatisfy { $0 > 950 && $0 <= 1000 })
    }

    @Test func `long silences are taken out when that is asked for`() async throws {
        func seconds(_ remove: Bool) async throws -> Double {
            try await TestServer.run(synthesizer: ToneSynthesizer(pieces: 2, pause: .seconds(1))) { server in
                let answer = try await server.post("/tts", Self.hello(["remove_silence": .bool(remove)]))
                return try AudioDecoder.decode(bytes: answer.body).duration.seconds
            }
        }
        #expect(abs(try await seconds(false) - 2.2) < 0.02)
        // Two tones of 100 ms, 300 ms between them and 50 ms after the last.
        #expect(abs(try await seconds(true) - 0.55) < 0.03)
    }

    @Test func `the first sound leaves before the second is made`() async throws {
        let synthesizer = ToneSynthesizer(pieces: 1)
        try await TestServer.run(synthesizer: synthesizer) { server in
            let response = try await server.respond(
                .post,
                "/tts",
                json: Self.hello(["text": "First one here. Second one here. Third one here."])
            )
            #expect(synthesizer.madePieces == 1)
            let writer = RecordingWriter { synthesizer.madePieces }
            try await response.body.write(writer)
            #expect(writer.log.withLock { $0 } == [1, 2, 3])
        }
    }

    @Test func `a client that goes away ends the synthesis`() async throws {
        let synthesizer = ToneSynthesizer(pieces: 1)
        try await TestServer.run(synthesizer: synthesizer) { server in
            let text = String(repeating: "One more sentence here. ", count: 100)
            let response = try await server.respond(.post, "/tts", json: Self.hello(["text": .string(text)]))
            let writer = RecordingWriter(breaksAfter: 2) { 0 }
            await #expect(throws: RecordingWriter.Gone.self) { try await response.body.write(writer) }
            #expect(synthesizer.madePieces <= 4)
        }
    }

    @Test func `file names have the time in UTC`() {
        let date = Date(timeIntervalSince1970: 1_795_266_776)
        #expect(SpeechAPI.filename("tts_output", .wav, at: date) == "tts_output_20261121_131256.wav")
    }
}

/// Notes a number for every piece of a body.
private struct RecordingWriter: ResponseBodyWriter {
    struct Gone: Error {}

    final class Log: Sendable {
        private let numbers = Mutex<[Int]>([])
        func withLock<Value: Sendable>(_ body: (inout [Int]) throws -> Value) rethrows -> Value {
            try numbers.withLock { try body(&$0) }
        }
    }

    let log = Log()
    var breaksAfter = Int.max
    let number: @Sendable () -> Int

    init(breaksAfter: Int = .max, _ number: @escaping @Sendable () -> Int) {
        self.breaksAfter = breaksAfter
        self.number = number
    }

    func write(_ buffer: ByteBuffer) async throws {
        let count = log.withLock { log in
            log.append(number())
            return log.count
        }
        if count > breaksAfter { throw Gone() }
    }

    func finish(_ trailingHeaders: HTTPFields?) async throws {}
}

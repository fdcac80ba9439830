import Audio
import Conversation
import Dialogue
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import NIOEmbedded
import Serving
import Speech
import Storage
import Testing

@testable import SpeechAPI

@Suite(.timeLimit(.minutes(5))) struct ConversationTests {
    @Test(arguments: [
        (nil, "The settings say: Hello there."), ("assistant", "The settings say: Hello there."),
        ("echo", "Hello there."),
    ])
    func `the responders of the settings answer, unless the echo is asked for`(
        responder: String?,
        answer: String
    ) async throws {
        let synthesizer = ToneSynthesizer()
        let chain = ResponderChain([EchoResponder(prefix: "The settings say: ")])
        try await TestServer.run(synthesizer: synthesizer, responder: chain) { server in
            let field = responder.map { [FormPart.field("responder", $0)] } ?? []
            let response = try await server.post("/conversation", form: [.file(try recording())] + field)
            #expect(response.status == 200)
            #expect(synthesizer.segments.joined(separator: " ") == answer)
        }
    }

    @Test func `a recording is answered, and what was heard is told`() async throws {
        let synthesizer = ToneSynthesizer()
        try await TestServer.run(synthesizer: synthesizer) { server in
            let answer = try await server.post(
                "/conversation",
                form: [.file(try recording()), .field("responder", "echo")]
            )
            #expect(answer.status == 200)
            #expect(answer.headers[.contentType] == "audio/wav")
            #expect(answer.headers[.xTranscription] == "Hello there.")
            #expect(answer.headers[.xProcessingTime] != nil)
            #expect(answer.headers[.contentDisposition]?.contains("conversation_response_") == true)
            #expect(try AudioDecoder.decode(bytes: answer.body).duration.milliseconds.rounded() == 200)
            #expect(synthesizer.segments == ["Hello there."])
            #expect(answer.headers[.xVoice] == "tone/joe")
            #expect(answer.headers[.xEngine] == "tone")
            #expect(synthesizer.options.map(\.voice) == [Voice.fakes[0]])
        }
    }

    @Test func `the turn is on disk when the answer begins`() async throws {
        try await TestServer.run { server in
            let answer = try await server.post(
                "/conversation",
                form: [.file(try recording())]
            )
            #expect(answer.status == 200)
            let session = try #require(try await server.store.sessions.recentSessions().first)
            #expect(session.api == "speech")
            #expect(session.outcome == "completed")
            let turn = try #require(try await server.store.sessions.turns(of: session.id).first)
            #expect(turn.record.transcript == "Hello there.")
            #expect(turn.record.answer == "I heard: Hello there.")
            #expect(turn.record.responder == "echo")
            #expect(turn.record.timings.transcription != nil)
            let messages = try await server.store.sessions.messages(of: session.id)
            #expect(messages.map(\.text) == ["Hello there.", "I heard: Hello there."])
            #expect(messages.map(\.role) == [.user, .assistant])
        }
    }

    @Test func `a client that goes away in the middle leaves a turn that says how far it was handed out`() async throws
    {
        let long = EchoResponder(prefix: String(repeating: "One more sentence to be said. ", count: 200))
        try await TestServer.run(responder: long) { server in
            let channel = NIOAsyncTestingChannel()
            let response = try await server.respond(to: "/conversation", form: [.file(try recording())], on: channel)
            #expect(response.status == .ok)
            let id = try #require(response.headers[.xSessionID])
            // On disk before a byte of the answer has left.
            let begun = try #require(try await server.store.sessions.turns(of: id).first)
            #expect(begun.record.outcome == .unfinished)
            #expect(begun.record.answer.hasSuffix("Hello there."))
            #expect(try await server.store.sessions.messages(of: id).count == 2)
            await #expect(throws: (any Error).self) { try await response.body.write(LeavingWriter(pieces: 3)) }
            let turn = try #require(try await server.store.sessions.turns(of: id).first)
            #expect(turn.record.outcome == .cancelled)
            #expect(turn.record.playback.heard < turn.record.playback.generated + .milliseconds(1))
            #expect(turn.record.heardAnswer.count < turn.record.answer.count)
            #expect(try await server.store.sessions.session(id)?.outcome == "interrupted")
            #expect(try await server.store.sessions.messages(of: id).last?.generatedText == turn.record.answer)
            #expect(await server.parts.directory.entries.isEmpty)
        }
    }

    @Test func `an answer that is never sent ends its session`() async throws {
        try await TestServer.run(["conversation.resume_timeout=1s"]) { server in
            let channel = NIOAsyncTestingChannel()
            var response: Hummingbird.Response? = try await server.respond(
                to: "/conversation",
                // A file that is whole is over before it is sent.
                form: [.file(try recording()), .field("stream", "true")],
                on: channel
            )
            let id = try #require(response?.headers[.xSessionID])
            let live = try #require(await server.parts.directory.session(id: id))
            response = nil
            var reader = await live.session.reader(from: 1)
            while await reader.next() != nil {}
            #expect(response == nil)
        }
    }

    @Test func `the turn names who answered and who handed over`() async throws {
        struct Broken: Responder {
            let name = "model"
            func respond(to prompt: Prompt) -> Dialogue.Response {
                Dialogue.Response { throw ResponderError(responder: name, code: .unreachable(reason: "it is off")) }
            }
        }
        let chain = ResponderChain([Broken(), EchoResponder(prefix: "I heard: ")])
        try await TestServer.run(responder: chain) { server in
            let form = [FormPart.file(try recording()), .field("responder", "assistant")]
            #expect(try await server.post("/conversation", form: form).status == 200)
            let session = try #require(try await server.store.sessions.recentSessions().first)
            let turn = try #require(try await server.store.sessions.turns(of: session.id).first)
            #expect(turn.record.responder == "echo")
            #expect(turn.record.handovers == [.init(from: "model", reason: "unreachable")])
        }
    }

    @Test func `an answer that does not come in time is a gateway timeout`() async throws {
        struct Slow: Responder {
            let name = "slow"
            func respond(to prompt: Prompt) -> Dialogue.Response {
                Dialogue.Response {
                    try await Task.sleep(for: .seconds(3600))
                    return nil
                }
            }
        }
        try await TestServer.run(["conversation.answer_timeout=1s"], responder: Slow()) { server in
            let form = [FormPart.file(try recording()), .field("responder", "assistant")]
            let answer = try await server.post("/conversation", form: form)
            #expect(answer.status == 504)
            #expect(answer.json["detail"].string?.contains("no answer within 1 s") == true)
            #expect(try await server.store.sessions.recentSessions().isEmpty)
        }
    }

    @Test func `the fields of speaking are honoured`() async throws {
        let synthesizer = ToneSynthesizer()
        try await TestServer.run(synthesizer: synthesizer) { server in
            let answer = try await server.post(
                "/conversation",
                form: [
                    .field("responder", "echo"), .field("output_format", "mp3"),
                    .field("predefined_voice_id", "anna_maria"),
                    .field("speed_factor", "1.5"), .field("temperature", "0.8"), .field("seed", "0"),
                    .field("reference_audio_filename", ""), .file(try recording(.flac), called: "a.flac"),
                ]
            )
            #expect(answer.headers[.contentType] == "audio/mp3")
            #expect(synthesizer.options.map(\.voice) == [Voice.fakes[1]])
            #expect(synthesizer.options.map(\.speed) == [1.5])
        }
    }

    @Test func `a transcript that is not plain ASCII is percent-encoded`() async throws {
        try await TestServer.run(recognizer: FixedRecognizer(text: "Grüße, 100 % sicher!")) { server in
            let header = try await server.post("/conversation", form: [.file(try recording())])
                .headers[.xTranscription]
            #expect(header == "Gr%C3%BC%C3%9Fe, 100 %25 sicher!")
            #expect(header?.removingPercentEncoding == "Grüße, 100 % sicher!")
        }
    }

    @Test func `faults are told in the order in which they are found`() async throws {
        try await TestServer.run { server in
            func status(_ fields: FormPart...) async throws -> Int {
                try await server.post("/conversation", form: fields).status
            }
            let file = FormPart.file(try recording())
            #expect(try await status() == 422)
            #expect(try await status(file, file) == 422)
            #expect(try await status(file, .field("speed_factor", "9")) == 422)
            #expect(try await status(file, .field("speed_factor", "fast")) == 422)
            #expect(try await status(file, .field("responder", "nobody")) == 422)
            #expect(try await status(file, .field("voice_mode", "clone")) == 400)
            #expect(try await status(file, .field("predefined_voice_id", "../x.wav")) == 404)
            #expect(try await status(.file(Array("text".utf8), called: "a.txt")) == 400)
            #expect(try await status(.file(try recording(), called: "")) == 400)
            #expect(try await server.store.sessions.recentSessions().isEmpty)
        }
    }

    @Test func `silence is not answered`() async throws {
        try await TestServer.run(recognizer: FixedRecognizer(text: "")) { server in
            let answer = try await server.post("/conversation", form: [.file(try recording())])
            #expect(answer.status == 422)
            #expect(answer.json["detail"].string != nil)
        }
    }

    @Test(arguments: [(true, false), (false, true)])
    func `without an engine it is 503`(canSpeak: Bool, canHear: Bool) async throws {
        try await TestServer.run(canSpeak: canSpeak, canHear: canHear) { server in
            #expect(try await server.post("/conversation", form: [.file(try recording())]).status == 503)
            let status = try await server.get("/conversation/status").json
            #expect(status["stt_available"] == .bool(canHear))
            #expect(status["tts_available"] == .bool(canSpeak))
            #expect(status["data.conversation_engine"] == "unavailable")
        }
    }

    @Test func `a failure to speak leaves no session behind`() async throws {
        try await TestServer.run(synthesizer: ToneSynthesizer(failsAfter: 0)) { server in
            let answer = try await server.post("/conversation", form: [.file(try recording())])
            #expect(answer.status == 500)
            #expect(try await server.store.sessions.recentSessions().isEmpty)
        }
    }

    @Test func `the status says what a turn needs`() async throws {
        try await TestServer.run { server in
            let json = try await server.get("/conversation/status").json
            #expect(json["system_type"] == "ConversationEngine")
            #expect(json["library_available"] == true)
            #expect(json["stt_available"] == true)
            #expect(json["response_generator_available"] == true)
            #expect(json["middleware_count"] == 2)
            #expect(json["data.system_type"] == "library_integrated")
            #expect(json["data.components.stt_adapter"] == "fixed")
            #expect(json["data.fallback_mode"] == "adapters")
        }
    }

    @Test func `an answer without end is cut where no more can be spoken`() async throws {
        let synthesizer = ToneSynthesizer()
        let endless = Endless()
        try await TestServer.run(["speech.max_text_length=100"], synthesizer: synthesizer, responder: endless) {
            server in
            #expect(try await server.post("/conversation", form: [.file(try recording())]).status == 200)
            let session = try #require(try await server.store.sessions.recentSessions().first)
            let turn = try #require(try await server.store.sessions.turns(of: session.id).first)
            #expect(turn.record.answer.count == 100)
            #expect(turn.record.responder == "endless")
        }
    }

    @Test func `past the most conversations it is 503`() async throws {
        try await TestServer.run(["conversation.max_sessions=1"]) { server in
            let other = try await server.parts.directory.make(
                NewSession(api: "test"),
                parts: .fake,
                configuration: .init()
            )
            let answer = try await server.post("/conversation", form: [.file(try recording())])
            #expect(answer.status == 503)
            #expect(answer.headers[.retryAfter].flatMap(Int.init) ?? 0 >= 1)
            try await server.parts.directory.close(other.session.id)
            #expect(try await server.post("/conversation", form: [.file(try recording())]).status == 200)
            #expect(await server.parts.directory.entries.isEmpty)
        }
    }

    @Test func `how long a conversation waits is in the settings`() async throws {
        let settings = ["conversation.idle_timeout=2h", "conversation.resume_timeout=50m"]
        try await TestServer.run(settings) { server in
            let directory = server.parts.directory
            let start = ContinuousClock.now
            let id = try await directory.make(NewSession(api: "test"), parts: .fake, configuration: .init()).session.id
            func wait() async throws -> Duration { try #require(await directory.entries.first?.expiry) - start }
            #expect((Duration.seconds(3000)..<(.seconds(3600))).contains(try await wait()))
            await directory.attach(id)
            #expect((Duration.seconds(7200)..<(.seconds(7800))).contains(try await wait()))
        }
    }

    private struct Endless: Responder {
        let name = "endless"
        func respond(to prompt: Prompt) -> Dialogue.Response { Dialogue.Response { .text("more and more ") } }
    }
}

extension SessionParts {
    /// Those of a session in which nothing is said.
    fileprivate static var fake: SessionParts {
        SessionParts(
            voiceActivity: EverythingIsSpeech(),
            recognizer: FixedRecognizer(),
            responder: EchoResponder(),
            output: SynthesizedOutput(ToneSynthesizer())
        )
    }
}

/// A client that goes away after so many pieces.
private struct LeavingWriter: ResponseBodyWriter {
    struct Gone: Error {}
    var pieces: Int

    mutating func write(_ buffer: ByteBuffer) async throws {
        pieces -= 1
        if pieces < 0 { throw Gone() }
    }

    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
}

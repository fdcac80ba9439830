import AsyncHTTPClient
import Dialogue
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Resilience
import Serving
import Speech
import Testing

@testable import OpenAIAPI

/// What becomes of a refusal of the servers behind this one: their status and word for programs are passed on, nothing
/// else of what they say.
@Suite(.timeLimit(.minutes(5)))
struct RefusalTests {
    private static let chat = "/v1/chat/completions"
    private static let said = "My password is swordfish"
    /// What must be seen neither by the client nor in the log.
    private static let secrets = [said, "swordfish", "upstream-key", "upstr", "127.0.0.1", "internal.example"]
    /// A refusal as servers write them.
    private static let body =
        #"{"error":{"message":"Key upstream-key of internal.example may not say: \#(said)","code":"CODE","type":"some_type"}}"#

    private static func refusal(_ status: Int, code: String = "model_busy", type: String = "application/json")
        -> Hummingbird.Response
    {
        Hummingbird.Response(
            status: .init(code: status),
            headers: [.contentType: type, .retryAfter: "7", .setCookie: "id=swordfish"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: body.replacing("CODE", with: code)))
        )
    }

    private static let request: JSONValue = ["messages": [["role": "user", "content": .string(said)]]]

    /// What is wrong with what a client was answered and with what was logged.
    private static func leaks(_ answer: TestResponse, _ log: LogLines) -> [String] {
        let seen = answer.text + "\(answer.headers)" + log.text
        return secrets.filter { seen.contains($0) }
    }

    @Test(
        arguments: [false, true],
        [(400, 400), (401, 502), (403, 502), (404, 404), (429, 429), (500, 500), (503, 503)]
    )
    func `a chat that is passed on`(isStreamed: Bool, statuses: (Int, Int)) async throws {
        try await Upstream.run { _ in
            Self.refusal(statuses.0)
        } _: { settings, upstream in
            let server = TestServer(settings: settings)
            let log = server.log
            try await server.run { client in
                var request = Self.request.members ?? [:]
                request["stream"] = .bool(isStreamed)
                let answer = try await client.post(Self.chat, json: .object(request))
                #expect(answer.status.code == statuses.1)
                #expect(try answer.json["error"]?["code"] == "model_busy")
                #expect(try answer.json["error"]?["message"]?.string?.contains("\(statuses.0)") == true)
                // Waiting does not help against a key that is not accepted.
                #expect(answer.headers[.retryAfter] == ([401, 403].contains(statuses.0) ? nil : "7"))
                #expect(answer.headers[.setCookie] == nil)
                #expect(Self.leaks(answer, log) == [])
            }
            #expect(upstream.all.count == 1)
            #expect(upstream.all.first?.body.contains(Self.said) == true)
        }
    }

    @Test(arguments: ["Two words", "upstream-key", "not-upstream-key", "127.0.0.1", "", "CamelCase"])
    func `a word that is none, or shows our key, is left out`(code: String) async throws {
        try await Upstream.run { _ in
            Self.refusal(400, code: code)
        } _: { settings, _ in
            let server = TestServer(settings: settings)
            let log = server.log
            try await server.run { client in
                let answer = try await client.post(Self.chat, json: Self.request)
                #expect(try answer.json["error"]?["code"] == "some_type")
                #expect(Self.leaks(answer, log) == [])
            }
        }
    }

    @Test(arguments: [
        "<html>My password is swordfish</html>", "", #"{"detail":"swordfish"}"#, #"{"error":"swordfish"}"#,
    ])
    func `a refusal in another form keeps its status`(text: String) async throws {
        try await Upstream.run { _ in
            Hummingbird.Response(status: .notFound, body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
        } _: { settings, _ in
            let server = TestServer(settings: settings)
            let log = server.log
            try await server.run { client in
                let answer = try await client.post(Self.chat, json: Self.request)
                try answer.expectRefusal(.notFound)
                #expect(Self.leaks(answer, log) == [])
            }
        }
    }

    @Test(arguments: [(400, 400), (404, 404), (407, 502), (408, 504), (421, 502), (422, 422), (426, 502), (503, 503)])
    func `statuses that speak of the connection to the model server are not the client's`(from: Int, to: Int) {
        #expect(ModelServer.refusal(status: from, word: nil).status.code == to)
    }

    @Test(arguments: ["swordfish", "Wed, 21 Oct swordfish"])
    func `advice that says something else is left out`(advice: String) async throws {
        try await Upstream.run { _ in
            Hummingbird.Response(status: .tooManyRequests, headers: [.retryAfter: advice], body: .init())
        } _: { settings, _ in
            let server = TestServer(settings: settings)
            let log = server.log
            try await server.run { client in
                let answer = try await client.post(Self.chat, json: Self.request)
                try answer.expectRefusal(.tooManyRequests)
                #expect(answer.headers[.retryAfter] == nil)
                #expect(Self.leaks(answer, log) == [])
            }
        }
    }

    @Test func `a refusal with status 200`() async throws {
        try await Upstream.run { _ in
            Self.refusal(200)
        } _: { settings, _ in
            let server = TestServer(settings: settings)
            let log = server.log
            try await server.run { client in
                let answer = try await client.post(Self.chat, json: Self.request)
                try answer.expectRefusal(.badGateway)
                #expect(try answer.json["error"]?["code"] == "model_busy")
                #expect(Self.leaks(answer, log) == [])
            }
        }
    }

    @Test(arguments: ["data: ", "event: error\ndata: "])
    func `a refusal inside a stream`(beginning: String) async throws {
        let first = "data: {\"choices\":[]}\n\n"
        let refusal = Self.body.replacing("\"CODE\"", with: "429").replacing("\n", with: "")
        let events = first + beginning + refusal + "\n\ndata: [DONE]\n\n"
        try await Upstream.run { _ in
            Hummingbird.Response(
                status: .ok,
                headers: [.contentType: "text/event-stream"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: events))
            )
        } _: { settings, _ in
            let server = TestServer(settings: settings)
            let log = server.log
            try await server.run { client in
                let answer = try await client.post(Self.chat, json: ["stream": true])
                #expect(answer.text.hasPrefix(first))
                #expect(answer.text.hasSuffix("data: [DONE]\n\n"))
                #expect(try answer.events[1]["error"]?["code"] == "some_type")
                #expect(try answer.events[1]["error"]?["message"]?.string?.contains("429") == true)
                #expect(Self.leaks(answer, log) == [])
                #expect(log.text.contains("answer broke off"))
            }
        }
    }

    @Test(arguments: [false, true], [400, 401, 403, 429, 500])
    func `a chat that the responder passes on`(isStreamed: Bool, status: Int) async throws {
        try await Upstream.run { _ in
            Self.refusal(status)
        } _: { settings, _ in
            let url = try #require(settings.first?.split(separator: "=", maxSplits: 1).last)
            let model = try ModelResponder(
                configuration: ModelConfiguration(
                    baseURL: String(url),
                    apiKey: "upstream-key",
                    model: "m",
                    retry: RetryPolicy(attempts: 1, baseDelay: .zero, jitter: .none)
                )
            )
            let server = TestServer(responder: ResponderChain([model]))
            let log = server.log
            try await server.run { client in
                var request = Self.request.members ?? [:]
                request["stream"] = .bool(isStreamed)
                let answer = try await client.post(Self.chat, json: .object(request))
                try answer.expectRefusal(.badGateway)
                #expect(answer.text.contains("status \(status) (model_busy)"))
                #expect(log.text.contains("status \(status) (model_busy)"))
                #expect(Self.leaks(answer, log) == [])
            }
        }
    }

    @Test(arguments: [(400, 400), (401, 500), (403, 500), (429, 500), (500, 500)])
    func `speech that another server makes`(statuses: (Int, Int)) async throws {
        try await Upstream.run { _ in
            Self.refusal(statuses.0)
        } _: { settings, _ in
            let synthesizer = OpenAISynthesizer(endpoint: try Self.endpoint(settings), model: "m", voice: "v")
            let server = TestServer(synthesizer: FallbackSynthesizer([synthesizer]))
            let log = server.log
            try await server.run { client in
                let answer = try await client.post(
                    "/v1/audio/speech",
                    json: ["model": "m", "input": .string(Self.said + "."), "voice": "alloy"]
                )
                #expect(answer.status.code == statuses.1)
                let seen = statuses.1 == 400 ? answer.text : log.text
                #expect(seen.contains("\(statuses.0) (model_busy)"))
                #expect(Self.leaks(answer, log) == [])
            }
        }
    }

    @Test(arguments: [(400, 400), (401, 500), (403, 500), (429, 500), (500, 500)])
    func `speech that another server recognises`(statuses: (Int, Int)) async throws {
        try await Upstream.run { _ in
            Self.refusal(statuses.0)
        } _: { settings, _ in
            let recognizer = OpenAIRecognizer(endpoint: try Self.endpoint(settings), model: "m")
            let server = TestServer(recognizer: FallbackRecognizer([recognizer]))
            let log = server.log
            try await server.run { client in
                let answer = try await client.post(
                    "/v1/audio/transcriptions",
                    form: TestForm().field("model", "whisper-1").recording()
                )
                #expect(answer.status.code == statuses.1)
                let seen = statuses.1 == 400 ? answer.text : log.text
                #expect(seen.contains("\(statuses.0) (model_busy)"))
                #expect(Self.leaks(answer, log) == [])
            }
        }
    }

    @Test func `servers that are not there are not named`() async throws {
        // Port 1 of this machine is nobody's.
        let url = "http://127.0.0.1:1/v1?key=swordfish"
        let endpoint = try OpenAIEndpoint(baseURL: "http://127.0.0.1:1/v1", apiKey: "upstream-key")
        let model = try ModelResponder(
            configuration: ModelConfiguration(
                baseURL: url,
                apiKey: "upstream-key",
                model: "m",
                retry: RetryPolicy(attempts: 1, baseDelay: .zero, jitter: .none)
            )
        )
        let server = TestServer(
            synthesizer: OpenAISynthesizer(endpoint: endpoint, model: "m", voice: "v"),
            recognizer: OpenAIRecognizer(endpoint: endpoint, model: "m"),
            responder: model
        )
        let log = server.log
        try await server.run { client in
            let answers = [
                try await client.post(Self.chat, json: Self.request),
                try await client.post(
                    "/v1/audio/transcriptions",
                    form: TestForm().field("model", "whisper-1").recording()
                ),
                try await client.post("/v1/audio/speech", json: ["model": "m", "input": "Hi.", "voice": "alloy"]),
            ]
            #expect(answers.map(\.status.code) == [502, 500, 500])
            for answer in answers { #expect(Self.leaks(answer, log) == []) }
        }
        let passing = TestServer(settings: ["model.url=\(url)", "model.key=upstream-key"])
        let passingLog = passing.log
        try await passing.run { client in
            let answer = try await client.post(Self.chat, json: Self.request)
            try answer.expectRefusal(.badGateway)
            #expect(Self.leaks(answer, passingLog) == [])
        }
    }

    private static func endpoint(_ settings: [String]) throws -> OpenAIEndpoint {
        let url = try #require(settings.first?.split(separator: "=", maxSplits: 1).last)
        return try OpenAIEndpoint(baseURL: String(url), apiKey: "upstream-key")
    }
}

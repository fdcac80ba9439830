import Dialogue
import HTTPTypes
import HummingbirdTesting
import Serving
import Testing

@testable import OpenAIAPI

/// Chats answered by the responder, when no model server is configured.
@Suite(.timeLimit(.minutes(5)))
struct ChatAnswerTests {
    private static let path = "/v1/chat/completions"

    private static func body(_ more: [String: JSONValue] = [:]) -> JSONValue {
        .object(
            ["model": "gpt-4o", "messages": [["role": "user", "content": "Hi."]]].merging(more) { $1 }
        )
    }

    @Test func `the answer is one completion`() async throws {
        try await TestServer().run { client in
            let answer = try await client.post(Self.path, json: Self.body()).json
            #expect(answer["object"] == "chat.completion")
            #expect(answer["model"] == "gpt-4o")
            #expect(answer["id"]?.string?.hasPrefix("chatcmpl-") == true)
            #expect(answer["choices"]?.array.count == 1)
            let choice = answer["choices"]?[0]
            #expect(choice?["message"]?["role"] == "assistant")
            #expect(choice?["message"]?["content"] == "Hello there.")
            #expect(choice?["finish_reason"] == "stop")
            #expect(answer["usage"]?["total_tokens"] == 4)
        }
    }

    @Test func `a stream has the pieces, a reason and an end`() async throws {
        try await TestServer().run { client in
            let response = try await client.post(Self.path, json: Self.body(["stream": true]))
            #expect(response.headers[.contentType] == "text/event-stream")
            let events = try response.events
            #expect(events.last == "[DONE]")
            let chunks = events.dropLast()
            #expect(Set(chunks.compactMap { $0["id"]?.string }).count == 1)
            for chunk in chunks { #expect(chunk["object"] == "chat.completion.chunk") }
            let deltas = chunks.compactMap { $0["choices"]?[0]?["delta"] }
            #expect(deltas.first?["role"] == "assistant")
            #expect(deltas.compactMap { $0["content"]?.string } == ["", "Hello ", "there."])
            #expect(chunks.last?["choices"]?[0]?["finish_reason"] == "stop")
        }
    }

    @Test func `the usage is in the last chunk if it is wanted`() async throws {
        try await TestServer().run { client in
            let options: [String: JSONValue] = ["stream": true, "stream_options": ["include_usage": true]]
            let events = try await client.post(Self.path, json: Self.body(options)).events
            let last = try #require(events.dropLast().last)
            #expect(last["choices"] == [])
            #expect(last["usage"]?["completion_tokens"] == 3)
        }
    }

    @Test func `the last message of the user is the prompt and all others are history`() async throws {
        let responder = FakeResponder()
        try await TestServer(responder: responder).run { client in
            let messages: JSONValue = [
                ["role": "developer", "content": "Be brief."], ["role": "user", "content": "One"],
                ["role": "assistant", "content": "Two"],
                [
                    "role": "user",
                    "content": [["type": "text", "text": "Three"], ["type": "text", "text": "Four"]],
                ],
                ["role": "system", "content": "Now."],
            ]
            let response = try await client.post(Self.path, json: Self.body(["messages": messages]))
            #expect(response.status == .ok)
        }
        let history = [
            Message(role: .system, text: "Be brief."), Message(role: .user, text: "One"),
            Message(role: .assistant, text: "Two"), Message(role: .system, text: "Now."),
        ]
        #expect(responder.prompts == [Prompt("Three\nFour", history: history)])
    }

    @Test func `calls of tools and their results do not break the next turn`() async throws {
        let responder = FakeResponder()
        try await TestServer(responder: responder).run { client in
            let call: JSONValue = [
                "id": "call_1", "type": "function", "function": ["name": "clock", "arguments": "{}"],
            ]
            let messages: JSONValue = [
                ["role": "user", "content": "What time is it?"],
                ["role": "assistant", "content": .null, "tool_calls": [call]],
                ["role": "tool", "tool_call_id": "call_1", "content": "noon"],
                ["role": "assistant", "content": "It is noon."], ["role": "user", "content": "Thank you."],
            ]
            let response = try await client.post(Self.path, json: Self.body(["messages": messages]))
            #expect(response.status == .ok)
        }
        let history = [
            Message(role: .user, text: "What time is it?"), Message(role: .assistant, text: "It is noon."),
        ]
        #expect(responder.prompts == [Prompt("Thank you.", history: history)])
    }

    @Test func `fields without effect are named, and those that a client relies on are refused`() async throws {
        let refused: [(String, JSONValue)] = [
            ("logprobs", true), ("top_logprobs", 3), ("response_format", ["type": "json_object"]),
            ("response_format", "json"),
            ("tool_choice", "required"), ("modalities", ["smell"]), ("audio", ["voice": "alloy"]),
        ]
        try await TestServer(responder: FakeResponder()).run { client in
            for isStreamed in [false, true] {
                let body: JSONValue = Self.body([
                    "temperature": 0.2, "tools": [], "tool_choice": "auto", "wild": 1, "logprobs": false, "n": 1,
                    "response_format": ["type": "text"], "stream": .bool(isStreamed),
                ])
                let response = try await client.post(Self.path, json: body)
                #expect(response.status == .ok)
                let ignored = HTTPField.Name("X-Ignored-Fields").flatMap { response.headers[$0] }
                #expect(ignored == "temperature, tools, wild")
            }
            for (name, value) in refused {
                try await client.post(Self.path, json: Self.body([name: value])).expectRefusal(param: name)
            }
        }
    }

    @Test func `a hand-over is not part of the answer`() async throws {
        let responder = FakeResponder([.handedOver(from: "model", reason: "it slept"), .text("Yes.")])
        try await TestServer(responder: responder).run { client in
            let answer = try await client.post(Self.path, json: Self.body()).json
            #expect(answer["choices"]?[0]?["message"]?["content"] == "Yes.")
            let events = try await client.post(Self.path, json: Self.body(["stream": true])).events
            #expect(events.compactMap { $0["choices"]?[0]?["delta"]?["content"]?.string } == ["", "Yes."])
        }
    }

    @Test func `a responder that fails has a status, or after its first piece an event`() async throws {
        let failure = ResponderError(responder: "model", code: .emptyAnswer)
        try await TestServer(responder: FakeResponder([], failure: failure)).run { client in
            try await client.post(Self.path, json: Self.body()).expectRefusal(.badGateway)
            try await client.post(Self.path, json: Self.body(["stream": true])).expectRefusal(.badGateway)
        }
        try await TestServer(responder: FakeResponder(failure: failure)).run { client in
            try await client.post(Self.path, json: Self.body()).expectRefusal(.badGateway)
            let events = try await client.post(Self.path, json: Self.body(["stream": true])).events
            #expect(events.last?["error"]?["message"]?.string != nil)
        }
    }

    private static let bad: [JSONValue] = [
        .null, [], "Hi.", ["role": "user"], ["Hi."], [["content": "Hi."]], [["role": "user", "content": 7]],
        [["role": "wizard", "content": "Hi."]], [["role": "tool", "content": "Hi."]],
        [["role": "system", "content": "Hi."]], [["role": "user", "content": ["Hi."]]],
        [["role": "user", "content": [["type": "image_url", "image_url": ["url": "http://127.0.0.1/"]]]]],
        .array([JSONValue](repeating: ["role": "user", "content": "Hi."], count: 1001)),
    ]

    @Test(arguments: bad)
    func `messages that are none are refused`(messages: JSONValue) async throws {
        let responder = FakeResponder()
        try await TestServer(responder: responder).run { client in
            try await client.post(Self.path, json: Self.body(["messages": messages])).expectRefusal(param: "messages")
        }
        #expect(responder.prompts.isEmpty)
    }

    @Test func `other bad requests are refused`() async throws {
        try await TestServer().run { client in
            try await client.post(Self.path, "{").expectRefusal()
            try await client.post(Self.path, "[]").expectRefusal()
            try await client.post(Self.path, json: Self.body(["n": 2])).expectRefusal(param: "n")
            try await client.post(Self.path, json: Self.body(["stream": "perhaps"])).expectRefusal(param: "stream")
            try await client.post(Self.path, json: Self.body(["model": 4])).expectRefusal(param: "model")
            try await client.post(Self.path, "{}", headers: [.contentType: "text/html"])
                .expectRefusal(.unsupportedMediaType)
            let long = JSONValue.string(String(repeating: "a", count: 1 << 20))
            try await client.post(Self.path, json: Self.body(["user": long])).expectRefusal(.contentTooLarge)
        }
    }
}

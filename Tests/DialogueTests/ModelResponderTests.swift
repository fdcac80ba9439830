import AsyncHTTPClient
import Dialogue
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Resilience
import Synchronization
import Telemetry
import Testing

@Suite(.timeLimit(.minutes(5))) struct ModelResponderTests {
    /// Long enough for a slow machine where nothing should time out.
    let patient = ModelConfiguration.Timeouts(
        connect: .seconds(120),
        firstToken: .seconds(120),
        betweenTokens: .seconds(120),
        whole: .seconds(240)
    )
    let quickRetry = RetryPolicy(attempts: 3, baseDelay: .milliseconds(1), jitter: .none)
    private let key = "sk-very-secret"

    func responder(
        _ baseURL: String,
        timeouts: ModelConfiguration.Timeouts? = nil,
        retry: RetryPolicy? = nil,
        breaker: CircuitBreaker.Policy = .init(failureThreshold: 100)
    ) throws -> ModelResponder {
        try ModelResponder(
            configuration: ModelConfiguration(
                baseURL: baseURL,
                apiKey: key,
                model: "test-model",
                systemPrompt: "Be brief.",
                temperature: 0.5,
                maxTokens: 50,
                timeouts: timeouts ?? patient,
                retry: retry ?? quickRetry,
                breaker: breaker
            )
        )
    }

    // MARK: Answers

    @Test func `tokens arrive as text`() async throws {
        let server = try await StubModelServer.start(.answer("Hello", " Wörld", "!"))
        let response = try responder(server.baseURL).respond(to: Prompt("Hi"))
        #expect(try await text(of: response) == "Hello Wörld!")
    }

    @Test func `the request carries model, conversation and key`() async throws {
        let server = try await StubModelServer.start(.answer("Yes"))
        let history = [Message(role: .user, text: "one"), Message(role: .assistant, text: "two")]
        _ = try await text(of: responder(server.baseURL).respond(to: Prompt("three", history: history)))
        let request = try #require(server.requests.first)
        #expect(request.method == .POST)
        #expect(request.path == "/v1/chat/completions")
        #expect(request.headers.first(name: "Authorization") == "Bearer \(key)")
        #expect(request.headers.first(name: "Content-Type") == "application/json")
        #expect(request.headers.first(name: "Content-Length") == String(request.body.count))
        let body = try #require(try JSONSerialization.jsonObject(with: request.body) as? [String: Any])
        #expect(body["model"] as? String == "test-model")
        #expect(body["stream"] as? Bool == true)
        #expect(body["temperature"] as? Double == 0.5)
        #expect(body["max_tokens"] as? Int == 50)
        let expected = [
            ["role": "system", "content": "Be brief."], ["role": "user", "content": "one"],
            ["role": "assistant", "content": "two"], ["role": "user", "content": "three"],
        ]
        #expect(body["messages"] as? [[String: String]] == expected)
    }

    @Test func `the request carries tools, their results and the form of the answer`() async throws {
        let server = try await StubModelServer.start(.answer("Yes"))
        let schema = try JSONObjectText(#"{"type": "object", "properties": {"n": {"maximum": 5, "multipleOf": 0.5}}}"#)
        var prompt = Prompt(
            "Hi",
            options: PromptOptions(
                instructions: "Be long.",
                tools: [Tool(name: "f", description: "Does it.", parameters: schema)],
                toolChoice: .tool("f"),
                format: ResponseFormat(name: "shape", schema: schema),
                temperature: 0.1,
                tokenLimit: 20,
                wantsUsage: true
            )
        )
        prompt.toolMessages = [
            Message(role: .assistant, text: "", toolCalls: [ToolCall(id: "a", name: "f", arguments: "{}")]),
            Message(role: .tool, text: "done", toolCall: "a"),
        ]
        _ = try await text(of: responder(server.baseURL).respond(to: prompt))
        let body = try #require(server.requests.first?.body)
        let expected = #"""
            {"model": "test-model", "stream": true, "stream_options": {"include_usage": true}, "temperature": 0.1,
             "max_tokens": 20, "messages": [
               {"role": "system", "content": "Be long."}, {"role": "user", "content": "Hi"},
               {"role": "assistant", "content": "", "tool_calls": [
                 {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}]},
               {"role": "tool", "content": "done", "tool_call_id": "a"}],
             "tools": [{"type": "function", "function": {"name": "f", "description": "Does it.", "parameters":
               {"type": "object", "properties": {"n": {"maximum": 5, "multipleOf": 0.5}}}}}],
             "tool_choice": {"type": "function", "function": {"name": "f"}},
             "response_format": {"type": "json_schema", "json_schema": {"name": "shape", "strict": true, "schema":
               {"type": "object", "properties": {"n": {"maximum": 5, "multipleOf": 0.5}}}}}}
            """#
        func object(_ data: Data) throws -> NSDictionary? {
            try JSONSerialization.jsonObject(with: data) as? NSDictionary
        }
        #expect(try object(body) == object(Data(expected.utf8)))
    }

    @Test func `calls of tools and usage are pieces of the response, and a chain does not hand over behind them`()
        async throws
    {
        let events = [
            #"{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}]}}]}"#,
            #"{"choices":[{"delta":{},"finish_reason":"tool_calls"}]}"#,
            #"{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4}}"#, "[DONE]",
        ]
        let server = try await StubModelServer.start([
            .head(200, ["Content-Type": "text/event-stream"]), .body(events.map { "data: \($0)\n\n" }.joined()), .end,
        ])
        let chain = ResponderChain([try responder(server.baseURL), EchoResponder()])
        #expect(
            try await pieces(of: chain.respond(to: Prompt("Hi"))) == [
                .answering(by: "model"),
                .toolCall(ToolCallPiece(index: 0, id: "a", name: "f", arguments: "{}")),
                .usage(TokenUsage(prompt: 3, completion: 4)),
            ]
        )
    }

    @Test(arguments: ["", "[]", "7", "{", "null", #"{"a":1} x"#])
    func `a schema must be a JSON object`(text: String) {
        #expect(throws: JSONObjectText.Malformed.self) { try JSONObjectText(text) }
    }

    @Test func `nothing is sent before the first piece is asked for`() async throws {
        let server = try await StubModelServer.start(.answer("Yes"))
        let responder = try responder(server.baseURL)
        var iterator = responder.respond(to: Prompt("first")).makeAsyncIterator()
        _ = try await text(of: responder.respond(to: Prompt("second")))
        #expect(server.requests.count == 1)
        #expect(try await iterator.next() == .text("Yes"))
        #expect(server.requests.count == 2)
    }

    @Test func `a connection is used again after a complete answer`() async throws {
        let server = try await StubModelServer.start(.answer("Yes"))
        let client = HTTPClient(eventLoopGroupProvider: .singleton)
        let responder = try ModelResponder(
            configuration: ModelConfiguration(baseURL: server.baseURL, model: "m", timeouts: patient),
            client: client
        )
        for _ in 1...3 { _ = try await text(of: responder.respond(to: Prompt("Hi"))) }
        #expect(server.requests.count == 3)
        // A connection that comes back late is not waited for.
        #expect(server.connectionCount < 3)
        try await client.shutdown()
    }

    @Test func `an answer is complete although the server keeps the stream open`() async throws {
        let stop = #"data: {"choices":[{"delta":{},"finish_reason":"stop"}]}"# + "\n\n"
        let server = try await StubModelServer.start(.head + .token("Hi") + [.body(stop)])
        #expect(try await text(of: responder(server.baseURL).respond(to: Prompt("Hi"))) == "Hi")
    }

    @Test func `thoughts are not spoken`() async throws {
        let server = try await StubModelServer.start(.answer("<thi", "nk>let me", " see</think>\\n\\n", "Four."))
        #expect(try await text(of: responder(server.baseURL).respond(to: Prompt("2+2"))) == "Four.")
    }

    // MARK: Failures

    @Test func `an answer without text fails and is not tried again`() async throws {
        let server = try await StubModelServer.start(.answer())
        let error = await failure(of: try responder(server.baseURL).respond(to: Prompt("Hi")))
        #expect(error?.code == .emptyAnswer)
        #expect(server.requests.count == 1)
    }

    @Test(arguments: [400, 401, 404, 302])
    func `requests that cannot work are not tried again`(status: Int) async throws {
        let server = try await StubModelServer.start(
            .status(
                status,
                #"{"error":{"message":"key sk-very-secret is bad","code":"bad_key"}}"#,
                headers: ["Location": "/other"]
            )
        )
        let error = await failure(of: try responder(server.baseURL).respond(to: Prompt("Hi")))
        #expect(error?.code == .refused(status: status, word: MachineWord("bad_key")))
        #expect(server.requests.count == 1)
    }

    @Test(arguments: [408, 429, 500, 503])
    func `refusals that may pass are tried again`(status: Int) async throws {
        let server = try await StubModelServer.start(.status(status), .status(status), .answer("Yes"))
        #expect(try await text(of: responder(server.baseURL).respond(to: Prompt("Hi"))) == "Yes")
        #expect(server.requests.count == 3)
    }

    @Test func `attempts are limited`() async throws {
        let server = try await StubModelServer.start(.status(500, "out of memory"))
        let error = await failure(of: try responder(server.baseURL).respond(to: Prompt("Hi")))
        #expect(error?.code == .refused(status: 500, word: nil))
        #expect(server.requests.count == 3)
    }

    @Test func `the server's wish to wait is respected`() async throws {
        let server = try await StubModelServer.start(.status(429, headers: ["Retry-After": "0.3"]), .answer("Yes"))
        let start = ContinuousClock.now
        #expect(try await text(of: responder(server.baseURL).respond(to: Prompt("Hi"))) == "Yes")
        #expect(ContinuousClock.now - start >= .milliseconds(300))
        #expect(server.requests.count == 2)
    }

    @Test func `a wish beyond the deadline ends the attempts at once`() async throws {
        let server = try await StubModelServer.start(.status(429, headers: ["Retry-After": "250"]), .answer("Yes"))
        let error = await failure(of: try responder(server.baseURL).respond(to: Prompt("Hi")))
        #expect(error?.code == .refused(status: 429, word: nil))
        #expect(server.requests.count == 1)
    }

    // The server has got the request, and may be working on the answer.
    @Test(arguments: [[StubModelServer.Step.close], .head + [.close], .head + .token("<think>") + [.close]])
    func `a new connection that closes before an answer is not tried again`(
        steps: [StubModelServer.Step]
    ) async throws {
        let server = try await StubModelServer.start(steps, .answer("Yes"))
        let error = await failure(of: try responder(server.baseURL).respond(to: Prompt("Hi")))
        guard case .unreachable? = error?.code else {
            Issue.record("unexpected: \(String(describing: error))")
            return
        }
        #expect(server.requests.count == 1)
    }

    @Test func `a kept connection that closes before a byte of an answer is tried again`() async throws {
        let server = try await StubModelServer.start(.answer("One"), [.close], .answer("Two"))
        var configuration = HTTPClient.Configuration()
        configuration.tellKeptConnections()
        configuration.connectionPool.retryConnectionEstablishment = false
        // So that the second request waits for the first one's connection.
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 1
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        let responder = try ModelResponder(
            configuration: ModelConfiguration(
                baseURL: server.baseURL,
                model: "m",
                timeouts: patient,
                retry: quickRetry
            ),
            client: client
        )
        #expect(try await text(of: responder.respond(to: Prompt("Hi"))) == "One")
        #expect(try await text(of: responder.respond(to: Prompt("Hi"))) == "Two")
        #expect(server.requests.count == 3)
        #expect(server.connectionCount == 2)
        try await client.shutdown()
    }

    @Test func `after the first token nothing is tried again`() async throws {
        let server = try await StubModelServer.start(.head + .token("Well") + [.close], .answer("no"))
        var iterator = try responder(server.baseURL).respond(to: Prompt("Hi")).makeAsyncIterator()
        #expect(try await iterator.next() == .text("Well"))
        let error = await #expect(throws: ResponderError.self) { try await iterator.next() }
        guard case .unreachable? = error?.code else {
            Issue.record("unexpected: \(String(describing: error))")
            return
        }
        #expect(server.requests.count == 1)
    }

    @Test func `errors inside the stream are told after the text before them`() async throws {
        let failure =
            #"data: {"error":{"message":"You said Hi, sk-very-secret","code":503,"type":"overloaded"}}"# + "\n\n"
        let server = try await StubModelServer.start(.head + .token("Well") + [.body(failure), .end])
        var iterator = try responder(server.baseURL).respond(to: Prompt("Hi")).makeAsyncIterator()
        #expect(try await iterator.next() == .text("Well"))
        let error = await #expect(throws: ResponderError.self) { try await iterator.next() }
        #expect(error?.code == .refused(status: 503, word: MachineWord("overloaded")))
    }

    @Test func `an error inside the stream before the first token is tried again if it may pass`() async throws {
        let failure = #"data: {"error":{"message":"overloaded","code":503}}"# + "\n\n"
        let server = try await StubModelServer.start(.head + [.body(failure), .end], .answer("Yes"))
        #expect(try await text(of: responder(server.baseURL).respond(to: Prompt("Hi"))) == "Yes")
        #expect(server.requests.count == 2)
    }

    @Test(arguments: [
        ["data: <html>oops</html>\n\n", "text/event-stream"], [#"{"choices":[]}"#, "application/json"],
        ["<html>Please log in</html>", "text/html; charset=utf-8"],
    ])
    func `garbage is told and not tried again`(reply: [String]) async throws {
        let server = try await StubModelServer.start([
            .head(200, ["Content-Type": reply[1]]), .body(reply[0]), .end,
        ])
        let error = await failure(of: try responder(server.baseURL).respond(to: Prompt("Hi")))
        guard case .malformed? = error?.code else {
            Issue.record("unexpected: \(String(describing: error))")
            return
        }
        #expect(server.requests.count == 1)
    }

    @Test func `an answer that is too long is cut off`() async throws {
        let long = String(repeating: "x", count: 150_000)
        let server = try await StubModelServer.start(.answer(long, long))
        let error = await failure(of: try responder(server.baseURL).respond(to: Prompt("Hi")))
        #expect(error?.code == .textTooLong(limit: 200_000))
    }

    @Test func `a server that is not there cannot be reached`() async throws {
        let server = try await StubModelServer.start()
        try await server.close()
        let start = ContinuousClock.now
        let error = await failure(of: try responder(server.baseURL).respond(to: Prompt("Hi")))
        #expect(error?.code == .unreachable(reason: "the connection was refused"))
        #expect(ContinuousClock.now - start < .seconds(15))
    }

    // MARK: With others

    @Test func `in a chain the script takes over when the model is gone`() async throws {
        let server = try await StubModelServer.start(.status(500))
        let script = ScriptResponder(script: try Script.bundled())
        let chain = ResponderChain([try responder(server.baseURL), script])
        let all = try await pieces(of: chain.respond(to: Prompt("What is two plus two?")))
        #expect(all.dropLast() == [.handedOver(from: "model", reason: "refused_500"), .answering(by: "script")])
        guard case .text(let answer)? = all.last else {
            Issue.record("unexpected: \(all)")
            return
        }
        #expect(answer.contains("4"))
    }
}

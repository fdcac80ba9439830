import AsyncHTTPClient
import Dialogue
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Resilience
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct ModelResponderTests {
    /// Long enough for a slow machine where nothing should time out.
    private let patient = ModelConfiguration.Timeouts(
        connect: .seconds(20),
        firstToken: .seconds(20),
        betweenTokens: .seconds(20),
        whole: .seconds(40)
    )
    private let quickRetry = RetryPolicy(attempts: 3, baseDelay: .milliseconds(1), jitter: .none)
    private let key = "sk-very-secret"

    private func responder(
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
        #expect(server.connectionCount == 1)
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
        #expect(error?.server == "127.0.0.1:\(server.port)")
        #expect(server.requests.count == 1)
    }

    @Test(arguments: [400, 401, 404, 302])
    func `requests that cannot work are not tried again`(status: Int) async throws {
        let server = try await StubModelServer.start(
            .status(status, #"{"error":{"message":"key sk-very-secret is bad"}}"#, headers: ["Location": "/other"])
        )
        let error = await failure(of: try responder(server.baseURL).respond(to: Prompt("Hi")))
        #expect(error?.code == .refused(status: status, message: "key (the API key) is bad"))
        #expect(error?.description.contains(key) == false)
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
        #expect(error?.code == .refused(status: 500, message: "out of memory"))
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
        let server = try await StubModelServer.start(.status(429, headers: ["Retry-After": "25"]), .answer("Yes"))
        let error = await failure(of: try responder(server.baseURL).respond(to: Prompt("Hi")))
        #expect(error?.code == .refused(status: 429, message: ""))
        #expect(server.requests.count == 1)
    }

    @Test func `connections that close before an answer are tried again`() async throws {
        let server = try await StubModelServer.start([.close], .head + [.close], .answer("Yes"))
        #expect(try await text(of: responder(server.baseURL).respond(to: Prompt("Hi"))) == "Yes")
        #expect(server.requests.count == 3)
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
        let failure = #"data: {"error":{"message":"overloaded sk-very-secret","code":503}}"# + "\n\n"
        let server = try await StubModelServer.start(.head + .token("Well") + [.body(failure), .end])
        var iterator = try responder(server.baseURL).respond(to: Prompt("Hi")).makeAsyncIterator()
        #expect(try await iterator.next() == .text("Well"))
        let error = await #expect(throws: ResponderError.self) { try await iterator.next() }
        #expect(error?.code == .refused(status: 503, message: "overloaded (the API key)"))
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

    // MARK: Timeouts

    private let brief = Duration.milliseconds(200)

    /// What an answer of `steps` fails with under `timeouts`, and whether it took about as long as it should.
    private func timeout(
        _ steps: [StubModelServer.Step],
        _ timeouts: ModelConfiguration.Timeouts
    ) async throws -> (code: ResponderError.Code?, requests: Int) {
        let server = try await StubModelServer.start(steps)
        let start = ContinuousClock.now
        let error = await failure(of: try responder(server.baseURL, timeouts: timeouts).respond(to: Prompt("Hi")))
        let took = ContinuousClock.now - start
        #expect(took >= brief && took < .seconds(15), "took \(took)")
        return (error?.code, server.requests.count)
    }

    @Test func `a server that never answers times out`() async throws {
        var timeouts = patient
        timeouts.firstToken = brief
        let (code, requests) = try await timeout([], timeouts)
        #expect(code == .timedOut(.firstToken, after: brief))
        // None if the machine was so busy that the time was over before the request was sent.
        #expect(requests <= 1)
    }

    @Test func `a server that sends no token times out, whatever else it sends`() async throws {
        var timeouts = patient
        timeouts.firstToken = brief
        let role = #"data: {"choices":[{"delta":{"role":"assistant","content":null}}]}"# + "\n\n"
        let (code, requests) = try await timeout(.head + [.body(": ping\n\n"), .body(role)], timeouts)
        #expect(code == .timedOut(.firstToken, after: brief))
        // None if the machine was so busy that the time was over before the request was sent.
        #expect(requests <= 1)
    }

    @Test func `an answer that stalls times out`() async throws {
        var timeouts = patient
        timeouts.betweenTokens = brief
        let (code, requests) = try await timeout(.head + .token("Well"), timeouts)
        #expect(code == .timedOut(.stalled, after: brief))
        #expect(requests == 1)
    }

    @Test func `an answer that takes too long as a whole times out`() async throws {
        var timeouts = patient
        timeouts.whole = brief
        let (code, _) = try await timeout(.head + .token("Well"), timeouts)
        #expect(code == .timedOut(.whole, after: brief))
    }

    @Test func `a server that accepts no connection times out`() async throws {
        // Nobody accepts, and the queue of waiting connections is full: further ones get no answer.
        let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.backlog, value: 1)
            .serverChannelOption(.autoRead, value: false)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(listener.localAddress?.port)
        var waiting: [any Channel] = []
        while waiting.count < 20 {
            let attempt = ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup).connectTimeout(
                .milliseconds(500)
            )
            guard let channel = try? await attempt.connect(host: "127.0.0.1", port: port).get() else { break }
            waiting.append(channel)
        }
        #expect(waiting.count < 20)

        var timeouts = patient
        timeouts.connect = brief
        let start = ContinuousClock.now
        let error = await failure(
            of: try responder("http://127.0.0.1:\(port)/v1", timeouts: timeouts, retry: .never).respond(
                to: Prompt("Hi")
            )
        )
        #expect(error?.code == .timedOut(.connect, after: brief))
        #expect(ContinuousClock.now - start < .seconds(15))
        try await listener.close()
        for channel in waiting { channel.close(promise: nil) }
    }

    // MARK: Cancellation

    @Test func `cancelling the reader closes the connection at once`() async throws {
        let server = try await StubModelServer.start(.head + .token("Well"))
        let responder = try responder(server.baseURL)
        let task = Task {
            for try await _ in responder.respond(to: Prompt("Hi")) {}
        }
        var events = server.events.makeAsyncIterator()
        #expect(await events.next() == .requested)
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(await events.next() == .disconnected)
        #expect(server.requests.count == 1)
    }

    @Test func `a reader that stops listening closes the connection`() async throws {
        let server = try await StubModelServer.start(.head + .token("Well"))
        let responder = try responder(server.baseURL)
        for try await piece in responder.respond(to: Prompt("Hi")) {
            #expect(piece == .text("Well"))
            break
        }
        var events = server.events.makeAsyncIterator()
        #expect(await events.next() == .requested)
        #expect(await events.next() == .disconnected)
    }

    @Test func `cancelling ends the wait between attempts`() async throws {
        let server = try await StubModelServer.start(.status(429, headers: ["Retry-After": "15"]))
        let responder = try responder(server.baseURL)
        let task = Task { try await text(of: responder.respond(to: Prompt("Hi"))) }
        var events = server.events.makeAsyncIterator()
        #expect(await events.next() == .requested)
        let start = ContinuousClock.now
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(ContinuousClock.now - start < .seconds(10))
    }

    // MARK: The breaker

    private let sensitive = CircuitBreaker.Policy(
        failureThreshold: 2,
        cooldown: .seconds(1000),
        maximumCooldown: .seconds(1000)
    )

    @Test func `a server that keeps failing is left alone`() async throws {
        let server = try await StubModelServer.start(.status(500))
        let responder = try responder(server.baseURL, retry: .never, breaker: sensitive)
        for _ in 1...2 {
            #expect(await failure(of: responder.respond(to: Prompt("Hi")))?.code == .refused(status: 500, message: ""))
        }
        let error = await failure(of: responder.respond(to: Prompt("Hi")))
        guard case .unavailable(let retryAfter)? = error?.code else {
            Issue.record("unexpected: \(String(describing: error))")
            return
        }
        #expect(retryAfter > .seconds(900) && retryAfter <= .seconds(1000))
        #expect(server.requests.count == 2)
    }

    @Test func `wrong settings and empty answers do not open the breaker`() async throws {
        let server = try await StubModelServer.start(.status(401), .answer(), .status(404), .answer("Yes"))
        let responder = try responder(server.baseURL, retry: .never, breaker: sensitive)
        for _ in 1...3 { #expect(await failure(of: responder.respond(to: Prompt("Hi"))) != nil) }
        #expect(try await text(of: responder.respond(to: Prompt("Hi"))) == "Yes")
    }

    @Test func `answers that break off open the breaker`() async throws {
        let server = try await StubModelServer.start(.status(500), .head + .token("Well") + [.close])
        let single = CircuitBreaker.Policy(failureThreshold: 1, cooldown: .zero, maximumCooldown: .seconds(1000))
        // Opened by the first answer, closed by the token of the second, and opened again when that one broke off.
        let responder = try responder(server.baseURL, retry: .never, breaker: single)
        #expect(await failure(of: responder.respond(to: Prompt("Hi"))) != nil)
        #expect(await failure(of: responder.respond(to: Prompt("Hi"))) != nil)
        #expect(server.requests.count == 2)
    }

    @Test func `a probe that is cancelled does not block the next`() async throws {
        let server = try await StubModelServer.start(.status(500), [], .answer("Yes"))
        let policy = CircuitBreaker.Policy(
            failureThreshold: 1,
            cooldown: .milliseconds(1),
            maximumCooldown: .seconds(1000)
        )
        let responder = try responder(server.baseURL, retry: .never, breaker: policy)
        var events = server.events.makeAsyncIterator()
        #expect(await failure(of: responder.respond(to: Prompt("Hi"))) != nil)
        #expect(await events.next() == .requested)
        try await Task.sleep(for: .milliseconds(2))
        let task = Task { try await text(of: responder.respond(to: Prompt("Hi"))) }
        while await events.next() != .requested {}
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(try await text(of: responder.respond(to: Prompt("Hi"))) == "Yes")
    }

    // MARK: With others

    @Test func `in a chain the script takes over when the model is gone`() async throws {
        let server = try await StubModelServer.start(.status(500))
        let script = ScriptResponder(script: try Script.bundled())
        let chain = ResponderChain([try responder(server.baseURL), script])
        let all = try await pieces(of: chain.respond(to: Prompt("What is two plus two?")))
        #expect(all.count == 2)
        guard case .handedOver(from: "model", let reason)? = all.first, case .text(let answer)? = all.last else {
            Issue.record("unexpected: \(all)")
            return
        }
        #expect(reason.contains("status 500"))
        #expect(answer.contains("4"))
    }
}

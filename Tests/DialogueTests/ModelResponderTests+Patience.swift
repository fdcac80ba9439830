import Dialogue
import NIOCore
import NIOPosix
import Resilience
import Testing

/// How long the responder waits, and what it does while a server is in trouble.
extension ModelResponderTests {
    // MARK: Timeouts

    private var brief: Duration { .milliseconds(200) }

    /// What an answer of `steps` fails with under `timeouts`, and whether it took about as long as it should.
    private func timeout(
        _ steps: [StubModelServer.Step],
        _ timeouts: ModelConfiguration.Timeouts
    ) async throws -> (code: ResponderError.Code?, requests: Int) {
        let server = try await StubModelServer.start(steps)
        let start = ContinuousClock.now
        let error = await failure(of: try responder(server.baseURL, timeouts: timeouts).respond(to: Prompt("Hi")))
        let took = ContinuousClock.now - start
        #expect(took >= brief && took < .seconds(60), "took \(took)")
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
            let attempt = ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup).connectTimeout(.seconds(3))
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
        #expect(ContinuousClock.now - start < .seconds(60))
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

    private var sensitive: CircuitBreaker.Policy {
        .init(failureThreshold: 2, cooldown: .seconds(1000), maximumCooldown: .seconds(1000))
    }

    @Test func `a server that keeps failing is left alone`() async throws {
        let server = try await StubModelServer.start(.status(500))
        let responder = try responder(server.baseURL, retry: .never, breaker: sensitive)
        for _ in 1...2 {
            #expect(await failure(of: responder.respond(to: Prompt("Hi")))?.code == .refused(status: 500, word: nil))
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
        while let event = await events.next(), event != .requested {}
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(try await text(of: responder.respond(to: Prompt("Hi"))) == "Yes")
    }
}

import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Resilience
import Telemetry

/// One answer of a model: carries out the request, its tries and its deadlines, always within a call of `next`.
actor ModelAnswer {
    private let responder: ModelResponder
    private let prompt: Prompt

    private var attempt = 1
    private var body: HTTPClientResponse.Body.AsyncIterator?
    private var decoder: AnswerDecoder
    private var end: AnswerDecoder.End?
    /// What was read and not yet asked for.
    private var pieces: ArraySlice<ResponsePiece> = []
    private var usage: TokenUsage?
    private var hasToken = false
    private var limits: AnswerLimits
    /// Whether the breaker waits to hear how this answer went.
    private var owesReport = false
    private var isAdmitted = false

    init(responder: ModelResponder, prompt: Prompt) {
        self.responder = responder
        self.prompt = prompt
        decoder = AnswerDecoder(hiding: responder.configuration.apiKey)
        limits = AnswerLimits(timeouts: responder.configuration.timeouts)
    }

    deinit {
        if owesReport { responder.withBreaker { $0.abandoned(at: .now) } }
    }

    /// The next piece, or nil when the answer is complete.
    func next() async throws -> ResponsePiece? {
        if !isAdmitted { try admit() }
        limits.asked(at: .now)
        defer { limits.answered(at: .now) }
        while true {
            do {
                return try await read()
            } catch let failure as AnswerFailure {
                body = nil
                guard let delay = delayBeforeNextAttempt(after: failure) else {
                    report(failure)
                    throw responder.error(failure.code)
                }
                attempt += 1
                decoder = AnswerDecoder(hiding: responder.configuration.apiKey)
                end = nil
                try await sleep(delay)
            } catch {
                // Cancelled: says nothing about the server.
                body = nil
                settle { $0.abandoned(at: .now) }
                throw error
            }
        }
    }

    // MARK: Reading

    private func read() async throws -> ResponsePiece? {
        if let piece = pieces.popFirst() { return piece }
        if body == nil, end == nil { try await open() }
        while true {
            switch end {
            case .complete:
                await leaveConnection()
                return usage.take().map(ResponsePiece.usage)
            case .failed(let code):
                throw AnswerFailure(code: code)
            case nil:
                break
            }
            let chunk = try await wait { try await self.readChunk() }
            let output = chunk.map { decoder.feed($0.readableBytesView) } ?? decoder.finish()
            end = output.end
            usage = output.usage ?? usage
            if output.hasProgress { receivedToken() }
            pieces = (output.text.isEmpty ? [] : [.text(output.text)]) + output.toolCalls.map(ResponsePiece.toolCall)
            if let piece = pieces.popFirst() { return piece }
        }
    }

    private func readChunk() async throws -> ByteBuffer? {
        guard var iterator = body else { return nil }
        return try await iterator.next(isolation: self)
    }

    private func open() async throws {
        let probe = ConnectionProbe()
        var request = HTTPClientRequest(url: responder.url)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json")
        request.headers.add(name: "Accept", value: "text/event-stream")
        if let key = responder.configuration.apiKey, !key.isEmpty {
            request.headers.add(name: "Authorization", value: "Bearer \(key)")
        }
        request.body = probe.body(try responder.requestBody(for: prompt))

        let response = try await wait(connecting: probe) { [request, client = responder.client] in
            try await client.execute(request, deadline: .distantFuture)
        }
        guard (200..<300).contains(response.status.code) else { throw try await refusal(response) }
        let type = (response.headers.first(name: "Content-Type") ?? "").lowercased()
        if let other = ["application/json", "text/html"].first(where: type.hasPrefix) {
            throw AnswerFailure(code: .malformed(reason: "\(other) instead of an event stream"))
        }
        body = response.body.makeAsyncIterator()
    }

    /// Lets a complete response end, so that its connection can be used again; but not for long.
    private func leaveConnection() async {
        _ = try? await guarded {
            try await Task.sleep(for: .milliseconds(250), clock: .continuous)
            return CancellationError()
        } _: {
            while let chunk = try await self.readChunk() { await self.takeUsage(in: chunk) }
        }
        body = nil
    }

    private func takeUsage(in chunk: ByteBuffer) {
        usage = decoder.feedBehindEnd(chunk.readableBytesView) ?? usage
    }

    // MARK: Refusals

    private func refusal(_ response: HTTPClientResponse) async throws -> AnswerFailure {
        let retryAfter = response.headers.first(name: "Retry-After").flatMap { RetryAfter.duration($0, now: .now) }
        return AnswerFailure(
            code: .refused(status: Int(response.status.code), word: try await word(of: response)),
            retryAfter: retryAfter
        )
    }

    /// The word for programs in the body, if it comes soon and the body is short.
    private func word(of response: HTTPClientResponse) async throws -> MachineWord? {
        let body = try? await guarded {
            try await Task.sleep(for: .seconds(1), clock: .continuous)
            return CancellationError()
        } _: {
            try await response.body.collect(upTo: 65_536)
        }
        try Task.checkCancellation()
        return body.flatMap { MachineWord(ofRefusal: $0.readableBytesView, hiding: responder.configuration.apiKey) }
    }

    // MARK: Waiting

    /// Waits for `operation` within the limits; other errors than cancellation come out as `AnswerFailure`.
    private func wait<Value: Sendable>(
        connecting probe: ConnectionProbe? = nil,
        _ operation: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let limits = limits
        do {
            return try await guarded(by: { try await limits.expiry(connecting: probe) }, operation)
        } catch {
            try Task.checkCancellation()
            throw AnswerFailure(error, timeouts: responder.configuration.timeouts)
        }
    }

    private func sleep(_ delay: Duration) async throws {
        do {
            try await Task.sleep(for: delay, clock: .continuous)
        } catch {
            settle { $0.abandoned(at: .now) }
            throw error
        }
    }

    private func delayBeforeNextAttempt(after failure: AnswerFailure) -> Duration? {
        guard !hasToken, failure.mayTryAgain,
            let delay = responder.delay(beforeAttempt: attempt + 1, retryAfter: failure.retryAfter),
            // A try that could only begin after the deadline is none.
            ContinuousClock.now + delay < limits.deadline.instant
        else { return nil }
        return delay
    }

    private func receivedToken() {
        if !hasToken { settle { $0.succeeded() } }
        hasToken = true
        limits.receivedToken(at: .now)
    }

    // MARK: The breaker

    private func admit() throws(ResponderError) {
        let admission = responder.withBreaker { $0.admit(at: .now) }
        if case .refuse(let retryAfter) = admission { throw responder.error(.unavailable(retryAfter: retryAfter)) }
        isAdmitted = true
        owesReport = true
    }

    private func settle(_ outcome: (inout CircuitBreaker) -> Void) {
        if owesReport { responder.withBreaker(outcome) }
        owesReport = false
    }

    private func report(_ failure: AnswerFailure) {
        if failure.isServersFault {
            // Also when the first token already counted as a success: an answer that breaks off is a failure.
            owesReport = false
            responder.withBreaker { $0.failed(at: .now) }
        } else {
            settle { $0.succeeded() }
        }
    }
}

/// Responders in order of preference: when one fails before it says anything, the next takes over.
///
/// A failure after the first text is thrown, since what was said cannot be taken back. Cancellation is no failure.
public struct ResponderChain: Responder {
    /// The name of the chain; records name who of it answered instead.
    public let name: String
    private let responders: [any Responder]

    /// A chain that asks `responders` in the given order.
    public init(name: String = "chain", _ responders: [any Responder]) {
        self.name = name
        self.responders = responders
    }

    /// Answers with the first responder that says something, which is told by `.answering`. Each one that fails before
    /// is told by `.handedOver`.
    public func respond(to prompt: Prompt) -> Response {
        let reading = ChainReading(chain: name, responders: responders, prompt: prompt)
        return Response { try await reading.next() }
    }
}

/// One response of a chain.
private actor ChainReading {
    private let chain: String
    private let prompt: Prompt
    private var waiting: ArraySlice<any Responder>
    private var current: (name: String, iterator: Response.Iterator)?
    private var reasons: [String] = []
    private var hasSpoken = false

    init(chain: String, responders: [any Responder], prompt: Prompt) {
        self.chain = chain
        self.prompt = prompt
        waiting = responders[...]
    }

    func next() async throws -> ResponsePiece? {
        if current == nil { try takeNext() }
        guard case (let name, var iterator)? = current else { return nil }
        do {
            let piece = try await iterator.next()
            current?.iterator = iterator
            if piece == nil, !hasSpoken { throw ResponderError(responder: name, code: .emptyAnswer) }
            if case .text(let text) = piece, !text.isEmpty { hasSpoken = true }
            if case .toolCall = piece { hasSpoken = true }
            return piece
        } catch {
            if Task.isCancelled || error is CancellationError { throw CancellationError() }
            if hasSpoken { throw error }
            let failure = error as? ResponderError
            // Of an error of another kind it is not known what it holds.
            reasons.append("\(name): \(failure?.description ?? "It failed.")")
            try takeNext()
            return .handedOver(from: name, reason: failure?.word ?? "failed")
        }
    }

    private func takeNext() throws {
        guard let responder = waiting.popFirst() else {
            throw ResponderError(responder: chain, code: .allFailed(reasons: reasons))
        }
        current = (responder.name, responder.attributedResponse(to: prompt).makeAsyncIterator())
    }
}

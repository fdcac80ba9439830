import Synchronization

extension Responder {
    /// The response to `prompt`, in which `.answering` tells before the first text who says it: for a chain the one of its
    /// responders that answers, for any other responder its own name.
    public func attributedResponse(to prompt: Prompt) -> Response {
        let reading = AttributedReading(name: name, respond(to: prompt))
        return Response { try await reading.next() }
    }
}

/// Puts the name of who answers before the first text that comes without one.
actor AttributedReading {
    private let name: String
    private var iterator: Response.Iterator
    private var isAttributed = false
    /// The text that waits behind the name.
    private var held: ResponsePiece?

    init(name: String, _ response: Response) {
        self.name = name
        iterator = response.makeAsyncIterator()
    }

    func next() async throws -> ResponsePiece? {
        if let piece = held.take() { return piece }
        var reading = iterator
        let piece = try await reading.next()
        iterator = reading
        switch piece {
        case .answering:
            isAttributed = true
        case .text(let text) where !isAttributed && !text.isEmpty:
            isAttributed = true
            held = piece
            return .answering(by: name)
        case .toolCall where !isAttributed:
            isAttributed = true
            held = piece
            return .answering(by: name)
        case .text, .handedOver, .toolCall, .usage, nil:
            break
        }
        return piece
    }
}

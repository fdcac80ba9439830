import Dialogue
import Synchronization

/// A responder that answers with the same pieces every time and remembers what it was asked.
final class FakeResponder: Responder {
    private let log = Mutex<[Prompt]>([])
    var prompts: [Prompt] { log.withLock { $0 } }
    private let pieces: [ResponsePiece]
    private let failure: ResponderError?

    /// A responder that fails with `failure` after its pieces.
    init(_ pieces: [ResponsePiece] = [.text("Hello "), .text("there.")], failure: ResponderError? = nil) {
        self.pieces = pieces
        self.failure = failure
    }

    var name: String { "fake" }

    func respond(to prompt: Prompt) -> Response {
        log.withLock { $0.append(prompt) }
        let rest = Mutex(pieces[...])
        let shared = Shared(rest: rest)
        return Response { [failure] in
            if let piece = shared.rest.withLock({ $0.popFirst() }) { return piece }
            if let failure { throw failure }
            return nil
        }
    }

    private final class Shared: Sendable {
        let rest: Mutex<ArraySlice<ResponsePiece>>

        init(rest: consuming Mutex<ArraySlice<ResponsePiece>>) {
            self.rest = rest
        }
    }
}

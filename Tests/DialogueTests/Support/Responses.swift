import Dialogue
import Foundation
import Synchronization

/// All pieces of `response`.
func pieces(of response: Response) async throws -> [ResponsePiece] {
    var pieces: [ResponsePiece] = []
    for try await piece in response { pieces.append(piece) }
    return pieces
}

/// The text of `response` as a whole.
func text(of response: Response) async throws -> String {
    try await pieces(of: response).map { if case .text(let text) = $0 { text } else { "" } }.joined()
}

/// What `response` throws.
func failure(of response: Response) async -> ResponderError? {
    do {
        _ = try await pieces(of: response)
        return nil
    } catch {
        return error as? ResponderError
    }
}

/// Monday, 3 March 2025, 15:20 UTC.
let mondayAfternoon = Date(timeIntervalSince1970: 1_741_015_200)
let utc = TimeZone(identifier: "UTC") ?? .gmt

/// Says `texts` one by one, then throws `error` if there is one.
struct FakeResponder: Responder {
    var name = "fake"
    var texts: [String] = []
    var error: (any Error)?

    func respond(to prompt: Prompt) -> Response {
        let rest = Mutex(texts[...])
        return Response {
            if let text = rest.withLock({ $0.popFirst() }) { return .text(text) }
            if let error { throw error }
            return nil
        }
    }
}

import Dialogue

/// Who answers a spoken turn.
enum Replier: String, Sendable, CaseIterable {
    /// Says what it heard.
    case echo
    /// The responder of the settings.
    case assistant
}

/// An answer to a spoken turn.
struct Reply: Sendable, Equatable {
    /// The most bytes of an answer; more is not asked for.
    static let longest = 200_000

    /// The whole text.
    let text: String
    /// The name of the responder.
    let responder: String

    /// Asks `assistant`, or the echo, for its answer to `text`. Throws `ResponderError`.
    init(to text: String, language: String?, by replier: Replier, assistant: any Responder) async throws {
        let responder: any Responder = replier == .echo ? EchoResponder() : assistant
        var prompt = Prompt(text)
        if let language { prompt.language = language }
        var answer = ""
        for try await piece in responder.respond(to: prompt) {
            guard case .text(let more) = piece else { continue }
            guard answer.utf8.count + more.utf8.count <= Self.longest else { break }
            answer += more
        }
        self.text = answer
        self.responder = responder.name
    }
}

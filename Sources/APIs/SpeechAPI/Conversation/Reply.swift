import Conversation
import Dialogue

/// Who answers a spoken turn.
enum Replier: String, Sendable, CaseIterable {
    /// The responders of the settings, unless the request asks for another.
    case assistant
    /// Says what it heard.
    case echo
}

/// An answer to a spoken turn.
struct Reply: Sendable, Equatable {
    /// The most bytes of an answer; more is not asked for.
    static let longest = 200_000

    /// The whole text.
    let text: String
    /// The name of the responder that answered; nil if none said anything.
    let responder: String?
    /// The responders that gave up before.
    let handovers: [Turn.Handover]

    /// As `init`, but throws `ResponderError` when the whole text takes longer than `limit`.
    static func awaited(
        to text: String,
        language: String?,
        by replier: Replier,
        assistant: any Responder,
        within limit: Duration
    ) async throws -> Reply {
        try await assistant.answering(within: limit) {
            try await Reply(to: text, language: language, by: replier, assistant: assistant)
        }
    }

    /// Asks `assistant`, or the echo, for its answer to `text`. Throws `ResponderError`.
    init(to text: String, language: String?, by replier: Replier, assistant: any Responder) async throws {
        let responder: any Responder = replier == .echo ? EchoResponder() : assistant
        var prompt = Prompt(text)
        if let language { prompt.language = language }
        var answer = ""
        var name: String?
        var handovers: [Turn.Handover] = []
        pieces: for try await piece in responder.attributedResponse(to: prompt) {
            switch piece {
            case .handedOver(let from, let reason):
                handovers.append(Turn.Handover(from: from, reason: reason))
            case .answering(let by):
                name = by
            case .text(let more):
                guard answer.utf8.count + more.utf8.count <= Self.longest else { break pieces }
                answer += more
            }
        }
        self.text = answer
        self.responder = name
        self.handovers = handovers
    }
}

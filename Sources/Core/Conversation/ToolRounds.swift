import Dialogue

/// The tools that the responder has used for one answer: a response may end with calls instead of more text, and is
/// continued by another one when all their results are there.
struct ToolRounds: Sendable {
    /// The most times that the responder may go on after tools; then it must answer without.
    static let limit = 8
    /// The most bytes of a result that are kept.
    static let resultLimit = 65_536

    /// Calls and results of this answer.
    private(set) var messages: [Message] = []
    private var pieces = ToolCallAssembler()
    /// The calls whose results are awaited.
    private var open: [ToolCall] = []
    private var results: [String: String] = [:]
    private var rounds = 0

    /// Whether results are awaited.
    var isWaiting: Bool { !open.isEmpty }

    /// Whether the response has called a tool.
    var hasCalls: Bool { !pieces.isEmpty }

    /// Takes a piece of a call. Returns false when there is too much of them.
    mutating func take(_ piece: ToolCallPiece) -> Bool { pieces.take(piece) }

    /// The response has ended, having said `text`: the calls whose results are now awaited.
    mutating func finishResponse(text: String, naming prefix: String) -> [ToolCall] {
        guard !pieces.isEmpty else { return [] }
        rounds += 1
        open = pieces.finish(naming: "\(prefix)_\(rounds)")
        pieces = ToolCallAssembler()
        messages.append(Message(role: .assistant, text: text, toolCalls: open))
        return open
    }

    /// Takes the result of a call. Returns false when it is not awaited.
    mutating func take(_ result: String, of call: String) -> Bool {
        guard open.contains(where: { $0.id == call }), results[call] == nil else { return false }
        results[call] = String(decoding: result.utf8.prefix(Self.resultLimit), as: UTF8.self)
        return true
    }

    /// Whether all results are there; if so, they are among the messages from now on.
    mutating func finishRound() -> Bool {
        guard !open.isEmpty, results.count == open.count else { return false }
        messages += open.map { Message(role: .tool, text: results[$0.id] ?? "", toolCall: $0.id) }
        open = []
        results = [:]
        return true
    }

    /// The options of the responder's next response: who has had to use a tool may now answer, and after many rounds must.
    func options(_ options: PromptOptions) -> PromptOptions {
        guard rounds > 0 else { return options }
        var options = options
        if options.toolChoice != .none { options.toolChoice = rounds < Self.limit ? .automatic : .none }
        return options
    }
}

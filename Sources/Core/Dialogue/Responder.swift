import Synchronization

/// Who answers: turns what the user said into the text of the answer, piece by piece.
public protocol Responder: Sendable {
    /// The name by which settings and turn records refer to this responder, such as `script`.
    var name: String { get }

    /// Answers `prompt`. The pieces arrive as they are made; cancelling the task that reads them stops the work.
    ///
    /// The sequence throws `ResponderError`, or `CancellationError` when cancelled.
    func respond(to prompt: Prompt) -> Response
}

/// What a responder is given.
public struct Prompt: Sendable, Equatable {
    /// What the user said in this turn.
    public var text: String
    /// The conversation before this turn, oldest first, as it was heard.
    public var history: [Message]
    /// The user's name, if known.
    public var userName: String?
    /// The BCP 47 tag of the language spoken, such as `en`.
    public var language: String
    /// How the answer should be.
    public var options: PromptOptions
    /// What was done for the answer so far: messages of the assistant that call tools, and the results.
    public var toolMessages: [Message] = []

    /// A prompt for `text`, said after `history`.
    public init(
        _ text: String,
        history: [Message] = [],
        userName: String? = nil,
        language: String = "en",
        options: PromptOptions = PromptOptions()
    ) {
        self.options = options
        self.text = text
        self.history = history
        self.userName = userName
        self.language = language
    }
}

/// One contribution to a conversation.
public struct Message: Sendable, Equatable, Codable {
    /// Who speaks.
    public enum Role: String, Sendable, Codable {
        /// Instructions that are never spoken.
        case system
        /// The person.
        case user
        /// The answering side.
        case assistant
        /// The result of a tool that the assistant called.
        case tool
    }

    /// Who said it.
    public var role: Role
    /// What was said; for the assistant, the part that was heard.
    public var text: String
    /// The tools that the assistant calls with it; nil for none.
    public var toolCalls: [ToolCall]?
    /// The call of which it is the result; nil unless the role is `tool`.
    public var toolCall: String?

    /// A message.
    public init(role: Role, text: String, toolCalls: [ToolCall]? = nil, toolCall: String? = nil) {
        self.role = role
        self.text = text
        self.toolCalls = toolCalls
        self.toolCall = toolCall
    }
}

/// One element of a response.
public enum ResponsePiece: Sendable, Equatable {
    /// More text, to be joined to the text before it without anything between.
    case text(String)
    /// A responder failed before it said anything, and the next one takes over. The reason is one word for programs,
    /// such as `unreachable`.
    case handedOver(from: String, reason: String)
    /// Who says the text that follows; comes once, before the first text. Only responders that ask others tell this;
    /// `attributedResponse(to:)` tells it for all.
    case answering(by: String)
    /// More of a call of a tool. The calls are complete when the response ends; it goes on with another one, to a prompt
    /// that holds their results.
    case toolCall(ToolCallPiece)
    /// How many tokens the response took; comes last, if at all.
    case usage(TokenUsage)
}

/// Two tasks read one response at the same time, which the later one is told: each would get only parts of it.
public struct ResponseInUse: Error, CustomStringConvertible {
    /// What to do about it.
    public let description = "This response is being read by another task; ask the responder again."
}

/// The pieces of a response, produced as fast as they are read.
public struct Response: AsyncSequence, Sendable {
    /// An element of the response.
    public typealias Element = ResponsePiece

    private let makePull: @Sendable () -> @Sendable () async throws -> ResponsePiece?

    /// A response whose pieces `next` returns one by one until it returns nil. `next` is called when a reader asks, never
    /// twice at the same time, and no more once it returned nil or threw.
    public init(_ next: @escaping @Sendable () async throws -> ResponsePiece?) {
        let pull = SinglePull(next)
        makePull = { { try await pull.next() } }
    }

    /// A response that is known as a whole; no piece at all if `text` is empty.
    public init(text: String) {
        makePull = {
            let rest = Mutex(text.isEmpty ? nil : ResponsePiece.text(text))
            return { rest.withLock { $0.take() } }
        }
    }

    /// Starts reading. A response is read once.
    public func makeAsyncIterator() -> Iterator {
        Iterator(pull: makePull())
    }

    /// Reads a response piece by piece.
    public struct Iterator: AsyncIteratorProtocol, Sendable {
        // Let go at the end, so that whatever makes the pieces is freed at once.
        private var pull: (@Sendable () async throws -> ResponsePiece?)?

        fileprivate init(pull: @escaping @Sendable () async throws -> ResponsePiece?) {
            self.pull = pull
        }

        /// The next piece, or nil at the end. Throws `CancellationError` when the reading task is cancelled: a response
        /// that was cut off never looks complete. Throws `ResponseInUse` while another task waits for a piece.
        public mutating func next() async throws -> ResponsePiece? {
            guard let pull else { return nil }
            do {
                try Task.checkCancellation()
                let piece = try await pull()
                try Task.checkCancellation()
                if piece == nil { self.pull = nil }
                return piece
            } catch {
                self.pull = nil
                throw error
            }
        }
    }
}

/// Keeps a second reader away from pieces that are made for one.
private final class SinglePull: Sendable {
    private let pull: @Sendable () async throws -> ResponsePiece?
    private let isBusy = Mutex(false)

    init(_ pull: @escaping @Sendable () async throws -> ResponsePiece?) {
        self.pull = pull
    }

    func next() async throws -> ResponsePiece? {
        let isTaken = isBusy.withLock { isBusy in
            defer { isBusy = true }
            return isBusy
        }
        guard !isTaken else { throw ResponseInUse() }
        defer { isBusy.withLock { $0 = false } }
        return try await pull()
    }
}

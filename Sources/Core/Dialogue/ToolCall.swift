/// A tool that a responder wants to have used before it goes on.
public struct ToolCall: Sendable, Equatable, Codable {
    /// Names the call; its result comes back under it.
    public var id: String
    /// The tool.
    public var name: String
    /// The arguments as JSON, as the responder made them: they may not match the tool's schema, or not be JSON at all.
    public var arguments: String

    /// A call.
    public init(id: String, name: String, arguments: String) {
        self.id = id
        self.name = name
        self.arguments = arguments
    }
}

/// A piece of a tool call, as it is made: the first one names the call and the tool, and the arguments of all pieces with
/// the same index are joined.
public struct ToolCallPiece: Sendable, Equatable {
    /// Which of the response's calls it belongs to, from 0.
    public var index: Int
    /// The call's name, if this piece tells it.
    public var id: String?
    /// The tool, if this piece tells it.
    public var name: String?
    /// More of the arguments.
    public var arguments: String

    /// A piece.
    public init(index: Int, id: String? = nil, name: String? = nil, arguments: String = "") {
        self.index = index
        self.id = id
        self.name = name
        self.arguments = arguments
    }
}

/// How many tokens a response took.
public struct TokenUsage: Sendable, Equatable, Codable {
    /// Those of the prompt.
    public var prompt: Int
    /// Those of the answer.
    public var completion: Int

    /// Numbers of tokens.
    public init(prompt: Int, completion: Int) {
        self.prompt = prompt
        self.completion = completion
    }
}

/// Makes whole calls of the pieces of one response.
public struct ToolCallAssembler: Sendable, Equatable {
    /// The most calls of one response.
    public static let callLimit = 16
    /// The most bytes of arguments of one response.
    public static let argumentLimit = 65_536

    private var calls: [Int: ToolCall] = [:]
    private var size = 0

    /// Without calls.
    public init() {}

    /// Whether there is no call.
    public var isEmpty: Bool { calls.isEmpty }

    /// Takes a piece. Returns false, and leaves it out, when there are more calls or arguments than allowed.
    public mutating func take(_ piece: ToolCallPiece) -> Bool {
        size += piece.arguments.utf8.count
        guard size <= Self.argumentLimit, calls[piece.index] != nil || calls.count < Self.callLimit else {
            return false
        }
        var call = calls[piece.index] ?? ToolCall(id: "", name: "", arguments: "")
        if let id = piece.id, call.id.isEmpty { call.id = String(id.prefix(256)) }
        if let name = piece.name, call.name.isEmpty { call.name = String(name.prefix(256)) }
        call.arguments += piece.arguments
        calls[piece.index] = call
        return true
    }

    /// The calls in their order. One that came without a name of its own, or with another's, gets one that begins with
    /// `prefix`.
    public func finish(naming prefix: String) -> [ToolCall] {
        var known: Set<String> = []
        return calls.sorted { $0.key < $1.key }.map { index, call in
            var call = call
            if call.id.isEmpty || known.contains(call.id) { call.id = "\(prefix)_\(index)" }
            known.insert(call.id)
            return call
        }
    }
}

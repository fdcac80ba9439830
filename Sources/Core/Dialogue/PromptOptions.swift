/// How an answer should be, beside what it answers. A responder that cannot do some of it leaves that out.
public struct PromptOptions: Sendable, Equatable {
    /// Which tools the answer may use.
    public enum ToolChoice: Sendable, Equatable {
        /// Any of them, or none.
        case automatic
        /// None.
        case none
        /// At least one.
        case required
        /// The one of this name.
        case tool(String)
    }

    /// Instructions in place of the responder's own; nil leaves it its own.
    public var instructions: String?
    /// The tools that there are.
    public var tools: [Tool]
    /// Which of them may be used.
    public var toolChoice: ToolChoice
    /// The form that the answer must have; nil for free text.
    public var format: ResponseFormat?
    /// How freely words are chosen; nil leaves it to the responder.
    public var temperature: Double?
    /// The most tokens of the answer; nil leaves it to the responder.
    public var tokenLimit: Int?
    /// Whether the responder should tell how many tokens it used.
    public var wantsUsage: Bool

    /// Options; by default everything is left to the responder.
    public init(
        instructions: String? = nil,
        tools: [Tool] = [],
        toolChoice: ToolChoice = .automatic,
        format: ResponseFormat? = nil,
        temperature: Double? = nil,
        tokenLimit: Int? = nil,
        wantsUsage: Bool = false
    ) {
        self.instructions = instructions
        self.tools = tools
        self.toolChoice = toolChoice
        self.format = format
        self.temperature = temperature
        self.tokenLimit = tokenLimit
        self.wantsUsage = wantsUsage
    }
}

/// Something that a responder may have done for its answer.
public struct Tool: Sendable, Equatable {
    /// Its name, by which it is called.
    public let name: String
    /// What it does, for the responder.
    public let description: String
    /// The JSON schema of its arguments.
    public let parameters: JSONObjectText

    /// A tool.
    public init(name: String, description: String, parameters: JSONObjectText) {
        self.name = name
        self.description = description
        self.parameters = parameters
    }
}

/// The form of an answer that is JSON.
public struct ResponseFormat: Sendable, Equatable {
    /// Its name, for the responder.
    public let name: String
    /// The JSON schema of the answer.
    public let schema: JSONObjectText
    /// Whether nothing that does not match the schema may be made.
    public let isStrict: Bool

    /// A form.
    public init(name: String, schema: JSONObjectText, isStrict: Bool = true) {
        self.name = name
        self.schema = schema
        self.isStrict = isStrict
    }
}

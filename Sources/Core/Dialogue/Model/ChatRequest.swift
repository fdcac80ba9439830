/// The body of a request for an answer.
struct ChatRequest: Encodable {
    struct Message: Encodable {
        struct Call: Encodable {
            struct Function: Encodable {
                var name: String
                var arguments: String
            }

            var id: String
            var type = "function"
            var function: Function
        }

        var role: String
        /// Some servers do not take a message without content, and all take an empty one.
        var content: String
        var toolCalls: [Call]?
        var toolCall: String?

        enum CodingKeys: String, CodingKey {
            case role, content
            case toolCalls = "tool_calls"
            case toolCall = "tool_call_id"
        }
    }

    struct Function: Encodable {
        struct Definition: Encodable {
            var name: String
            var description: String?
            var parameters: JSONFragment?
        }

        var type = "function"
        var function: Definition
    }

    struct Format: Encodable {
        struct Schema: Encodable {
            var name: String
            var strict: Bool
            var schema: JSONFragment
        }

        var type = "json_schema"
        var schema: Schema

        enum CodingKeys: String, CodingKey {
            case type
            case schema = "json_schema"
        }
    }

    /// A word, or the only function that may be called.
    enum ToolChoice: Encodable {
        case word(String)
        case function(String)

        func encode(to encoder: any Encoder) throws {
            switch self {
            case .word(let word):
                var container = encoder.singleValueContainer()
                try container.encode(word)
            case .function(let name):
                try Function(function: .init(name: name)).encode(to: encoder)
            }
        }
    }

    struct StreamOptions: Encodable {
        var includeUsage = true

        enum CodingKeys: String, CodingKey {
            case includeUsage = "include_usage"
        }
    }

    var model: String
    var messages: [Message]
    var stream = true
    var streamOptions: StreamOptions?
    var temperature: Double?
    var maxTokens: Int?
    var tools: [Function]?
    var toolChoice: ToolChoice?
    var format: Format?

    enum CodingKeys: String, CodingKey {
        case model, messages, stream, temperature, tools
        case streamOptions = "stream_options"
        case maxTokens = "max_tokens"
        case toolChoice = "tool_choice"
        case format = "response_format"
    }
}

extension ChatRequest {
    /// The request for an answer by the model of `configuration`.
    init(_ prompt: Prompt, _ configuration: ModelConfiguration) {
        let options = prompt.options
        model = configuration.model
        messages = HistoryWindow(tokenBudget: configuration.historyTokenBudget).messages(
            systemPrompt: options.instructions ?? configuration.systemPrompt,
            history: prompt.history,
            userText: prompt.text,
            toolMessages: prompt.toolMessages
        ).map(Message.init)
        if options.wantsUsage { streamOptions = StreamOptions() }
        temperature = options.temperature ?? configuration.temperature
        maxTokens = [options.tokenLimit, configuration.maxTokens].compactMap(\.self).min()
        if !options.tools.isEmpty {
            tools = options.tools.map { tool in
                Function(
                    function: .init(
                        name: tool.name,
                        description: tool.description,
                        parameters: tool.parameters.fragment
                    )
                )
            }
            toolChoice =
                switch options.toolChoice {
                case .automatic: .word("auto")
                case .none: .word("none")
                case .required: .word("required")
                case .tool(let name): .function(name)
                }
        }
        format = options.format.map { format in
            Format(schema: .init(name: format.name, strict: format.isStrict, schema: format.schema.fragment))
        }
    }
}

extension ChatRequest.Message {
    fileprivate init(_ message: Message) {
        role = message.role.rawValue
        content = message.text
        toolCalls = message.toolCalls?.map { call in
            Call(id: call.id, function: .init(name: call.name, arguments: call.arguments))
        }
        toolCall = message.toolCall
    }
}

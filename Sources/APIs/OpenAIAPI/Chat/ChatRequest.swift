import Dialogue
import Serving

/// What a client asks of `/v1/chat/completions`, as far as a responder can do it.
struct ChatRequest: Sendable {
    /// The most messages of a conversation.
    static let messageLimit = 1000
    /// The most bytes of a request.
    static let byteLimit = 1 << 20

    var model: String
    var prompt: Prompt
    var isStreamed: Bool
    /// Whether the last event of a stream tells the usage.
    var wantsUsage: Bool
    /// The model that the client names; nil if it leaves the choice to the server.
    var namedModel: String? { model == ModelRoutes.chatName ? nil : model }
    /// The fields that were given and have no effect.
    var ignored: [String]

    /// What a responder cannot take into account, and an answer is still one without.
    private static let withoutEffect = [
        "temperature", "top_p", "frequency_penalty", "presence_penalty", "logit_bias", "seed", "stop", "max_tokens",
        "max_completion_tokens", "tools", "functions", "parallel_tool_calls", "metadata", "store", "user",
        "safety_identifier", "prompt_cache_key", "service_tier", "reasoning_effort", "verbosity", "prediction",
        "web_search_options",
    ]

    /// Reads a request. Throws `APIFailure` with all faults.
    init(json bytes: [UInt8]) throws(APIFailure) {
        var reader = try FieldReader(json: bytes)
        model = reader.string("model", length: 1...200) ?? ModelRoutes.chatName
        isStreamed = reader.bool("stream") ?? false
        wantsUsage = reader.value("stream_options")?.members?["include_usage"] == .bool(true)
        if let number = reader.integer("n", in: 1...128), number != 1 {
            reader.note("n", "One answer at a time is given; leave the field out.")
        }
        Self.refuse(&reader)
        for name in Self.withoutEffect { reader.ignore(name) }
        let messages = Self.messages(&reader)
        let last = messages.lastIndex { $0.role == .user }
        if last == nil, reader.issues.isEmpty {
            reader.note("messages", "One of the messages must be a user's.")
        }
        reader.lookAtOthers()
        try reader.check()
        ignored = reader.ignored
        var history = messages
        let text = last.map { history.remove(at: $0).text } ?? ""
        prompt = Prompt(text, history: history)
    }

    /// Notes the fields whose effect a client would rely on.
    private static func refuse(_ reader: inout FieldReader) {
        let server = "Only a model server does that (model.url)."
        if reader.bool("logprobs") == true { reader.note("logprobs", "No probabilities are known here. \(server)") }
        if (reader.integer("top_logprobs", in: 0...20) ?? 0) > 0 {
            reader.note("top_logprobs", "No probabilities are known here. \(server)")
        }
        if let format = reader.value("response_format"), format != .null, format.members?["type"] != "text" {
            reader.note("response_format", "Answers are plain text here. \(server)")
        }
        for name in ["tool_choice", "function_call"] {
            guard let choice = reader.value(name), ![.null, "auto", "none"].contains(choice) else { continue }
            reader.note(name, "No tools are called here. \(server)")
        }
    }

    private static func messages(_ reader: inout FieldReader) -> [Message] {
        guard case .array(let values)? = reader.value("messages"), !values.isEmpty else {
            return reader.fault("messages", "missing", "A list of messages is required.") ?? []
        }
        guard values.count <= messageLimit else {
            return reader.fault("messages", "too_long", "At most \(messageLimit) messages are allowed.") ?? []
        }
        return values.enumerated().compactMap { index, value in
            switch message(value) {
            // What is said in words is all that a responder knows: calls of tools and their results are not.
            case .success(let message): message.flatMap { $0.text.isEmpty && $0.role == .assistant ? nil : $0 }
            case .failure(let fault):
                reader.fault("messages", "value_error", "Message \(index): \(fault.description)")
            }
        }
    }

    private struct Fault: Error {
        let description: String
    }

    /// A message; nil for a result of a tool.
    private static func message(_ value: JSONValue) -> Result<Message?, Fault> {
        guard let members = value.members, case .string(let name)? = members["role"] else {
            return .failure(Fault(description: "an object with a role is expected."))
        }
        if name == "tool" || name == "function" { return .success(nil) }
        let roles: [String: Message.Role] = [
            "system": .system, "developer": .system, "user": .user, "assistant": .assistant,
        ]
        guard let role = roles[name] else {
            return .failure(Fault(description: "its role must be system, developer, user, assistant or tool."))
        }
        guard let text = text(members["content"] ?? .null) else {
            return .failure(Fault(description: "its content must be a string or a list of parts of type text."))
        }
        return .success(Message(role: role, text: text))
    }

    private static func text(_ content: JSONValue) -> String? {
        switch content {
        case .string(let text): return text
        case .null: return ""
        case .array(let parts):
            var texts: [String] = []
            for part in parts {
                guard let members = part.members, members["type"] == "text", case .string(let text)? = members["text"]
                else { return nil }
                texts.append(text)
            }
            return texts.joined(separator: "\n")
        default: return nil
        }
    }
}

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

    /// Reads a request. Throws `APIFailure` with all faults.
    init(json bytes: [UInt8]) throws(APIFailure) {
        var reader = try FieldReader(json: bytes)
        model = reader.string("model", length: 1...200) ?? ModelRoutes.chatName
        isStreamed = reader.bool("stream") ?? false
        wantsUsage = reader.value("stream_options")?.members?["include_usage"] == .bool(true)
        if let number = reader.integer("n", in: 1...128), number != 1 {
            reader.note("n", "One answer at a time is given; leave the field out.")
        }
        let messages = Self.messages(&reader)
        let last = messages.lastIndex { $0.role == .user }
        if last == nil, reader.issues.isEmpty {
            reader.note("messages", "One of the messages must be a user's.")
        }
        try reader.check()
        var history = messages
        let text = last.map { history.remove(at: $0).text } ?? ""
        prompt = Prompt(text, history: history)
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
            case .success(let message): message
            case .failure(let fault):
                reader.fault("messages", "value_error", "Message \(index): \(fault.description)")
            }
        }
    }

    private struct Fault: Error {
        let description: String
    }

    private static func message(_ value: JSONValue) -> Result<Message, Fault> {
        guard let members = value.members, case .string(let name)? = members["role"] else {
            return .failure(Fault(description: "an object with a role is expected."))
        }
        let roles: [String: Message.Role] = [
            "system": .system, "developer": .system, "user": .user, "assistant": .assistant,
        ]
        guard let role = roles[name] else {
            return .failure(Fault(description: "its role must be system, developer, user or assistant."))
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

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
// The summary of a key is its documentation.
/// The section `conversation`.
public struct ConversationKeys: SettingGroup {
    public static let title = "Conversation"
    public static let summary = "When a turn ends, and who answers."

    public let silence = SettingKey(
        "conversation.silence",
        .duration(.milliseconds(100)...(.seconds(10))),
        default: .milliseconds(400),
        .live,
        "The silence that ends a turn whose words sound finished, in `antiphon talk`."
    )
    public let silenceUnfinished = SettingKey(
        "conversation.silence_unfinished",
        .duration(.milliseconds(100)...(.seconds(30))),
        default: .seconds(1),
        .live,
        "The silence that ends a turn whose words sound unfinished, in `antiphon talk`."
    )
    public let answerTimeout = SettingKey(
        "conversation.answer_timeout",
        .duration(.seconds(1)...(.seconds(3600))),
        default: .seconds(60),
        .live,
        "The longest wait for an answer to what was said: for its text, in a stream and in `antiphon talk` for its beginning."
    )
    public let maxSessions = SettingKey(
        "conversation.max_sessions",
        .int(1...100_000),
        default: 1000,
        .live,
        "The most conversations that go on at a time; more are answered with 503."
    )
    public let idleTimeout = SettingKey(
        "conversation.idle_timeout",
        .duration(.seconds(1)...(.seconds(86400))),
        default: .seconds(600),
        .live,
        "How long a conversation may be idle, with its client there and nobody speaking, until it ends."
    )
    public let resumeTimeout = SettingKey(
        "conversation.resume_timeout",
        .duration(.seconds(1)...(.seconds(3600))),
        default: .seconds(30),
        .live,
        "How long a conversation waits for its client to come back after the connection is lost."
    )
    public let responders = SettingKey(
        "conversation.responders",
        .list(of: .string(longest: 100), count: 1...8),
        default: ["script"],
        .restart,
        "Who answers: `script`, `model`, `template` or `echo`; the next one is tried when one fails."
    )
    public let script = SettingKey(
        "conversation.script",
        .optional(.string(longest: 4096)),
        default: nil,
        .restart,
        "The file of the assistant's script; without one, that of the program."
    )
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
// The summary of a key is its documentation.
/// The section `model`.
public struct ModelKeys: SettingGroup {
    public static let title = "Language model"
    public static let summary = "The model behind the responder called `model`."

    public let url = SettingKey(
        "model.url",
        .optional(.address),
        default: nil,
        .restart,
        "A server with OpenAI's chat interface, up to and including `/v1`."
    )
    public let key = SettingKey("model.key", .optional(.secret), default: nil, .restart, "The key for the server.")
    public let name = SettingKey(
        "model.name",
        .optional(.string(longest: 200)),
        default: nil,
        .restart,
        "The server's model."
    )
    public let systemPrompt = SettingKey(
        "model.system_prompt",
        .string(longest: 100_000, lines: true),
        default: "You are a friendly voice assistant. Answer in one or two short sentences, without markup.",
        .restart,
        "Instructions for the model."
    )
    public let temperature = SettingKey(
        "model.temperature",
        .optional(.double(0...2)),
        default: nil,
        .restart,
        "How freely the model chooses its words; without a value, the server decides."
    )
    public let maxTokens = SettingKey(
        "model.max_tokens",
        .optional(.int(1...1_000_000)),
        default: nil,
        .restart,
        "The most tokens of an answer; without a value, the server decides."
    )
}

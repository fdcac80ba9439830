// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
// The summary of a key is its documentation.
/// The section `conversation`.
public struct ConversationKeys: SettingGroup {
    public static let title = "Conversation"
    public static let summary = "When a turn ends, and who answers."

    public let turnPolicy = SettingKey(
        "conversation.turn_policy",
        .choice,
        default: TurnPolicy.adaptive,
        .live,
        "When a user has finished: `adaptive` waits as long as the words so far suggest, `server_vad` for `conversation.silence`, `manual` for the client. A client may ask for another."
    )
    public let minSilence = SettingKey(
        "conversation.min_silence",
        .duration(.milliseconds(100)...(.seconds(10))),
        default: .milliseconds(240),
        .live,
        "The silence that ends a turn whose words are a whole sentence."
    )
    public let silence = SettingKey(
        "conversation.silence",
        .duration(.milliseconds(100)...(.seconds(10))),
        default: .milliseconds(400),
        .live,
        "The silence that ends a turn whose words leave it open whether more follows; with `server_vad`, any turn."
    )
    public let silenceUnfinished = SettingKey(
        "conversation.silence_unfinished",
        .duration(.milliseconds(100)...(.seconds(30))),
        default: .milliseconds(1200),
        .live,
        "The silence that ends a turn whose words break off, or in which something is dictated."
    )
    public let interruption = SettingKey(
        "conversation.interruption",
        .choice,
        default: InterruptionPolicy.immediate,
        .live,
        "What speech of the user does to an answer: `immediate` ends it, `two_step` holds it until it is clear whether the user wants to speak, `never` lets it go on. A client may ask for another."
    )
    public let holdWindow = SettingKey(
        "conversation.hold_window",
        .duration(.milliseconds(100)...(.seconds(5))),
        default: .milliseconds(700),
        .live,
        "How long an answer is held at most, with `two_step`."
    )
    public let playbackLead = SettingKey(
        "conversation.playback_lead",
        .duration(.milliseconds(20)...(.seconds(10))),
        default: .milliseconds(200),
        .live,
        "How much sound a client in a live conversation is sent ahead of what it plays."
    )
    public let answerAhead = SettingKey(
        "conversation.answer_ahead",
        .bool,
        default: true,
        .live,
        "Whether an answer is begun before it is certain that the user has finished; it is thrown away when the user goes on."
    )
    public let longestUtterance = SettingKey(
        "conversation.longest_utterance",
        .duration(.seconds(2)...(.seconds(3600))),
        default: .seconds(120),
        .live,
        "How long a user may speak without a pause that ends the turn; then what was said so far is answered."
    )
    public let idlePrompt = SettingKey(
        "conversation.idle_prompt",
        .optional(.string(longest: 500)),
        default: nil,
        .live,
        "What is said to a user who has been silent for `conversation.idle_prompt_after`; without it, nothing."
    )
    public let idlePromptAfter = SettingKey(
        "conversation.idle_prompt_after",
        .duration(.seconds(1)...(.seconds(3600))),
        default: .seconds(15),
        .live,
        "The silence after which `conversation.idle_prompt` is said, once until the user speaks again."
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
/// The section `recording`.
public struct RecordingKeys: SettingGroup {
    public static let title = "Recording"
    public static let summary = "Whether live conversations are recorded, and where."

    public let mode = SettingKey(
        "recording.mode",
        .choice,
        default: RecordingMode.off,
        .live,
        "Which live conversations are recorded: `off` for none, `consent` for those whose client says `record=true`, `always` for all. What the client said is kept in the recording."
    )
    public let folder = SettingKey(
        "recording.folder",
        .optional(.string(longest: 4096)),
        default: nil,
        .restart,
        "The folder of the recordings, one folder for each conversation; without it, `recordings` beside the database. Nothing of it is served."
    )
    public let maxDuration = SettingKey(
        "recording.max_duration",
        .duration(.seconds(1)...(.seconds(86_400))),
        default: .seconds(7200),
        .live,
        "How much of a conversation is recorded at most."
    )
    public let keep = SettingKey(
        "recording.keep",
        .duration(.seconds(3600)...(.seconds(315_360_000))),
        default: .seconds(2_592_000),
        .live,
        "How long a recording is kept."
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

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
// The summary of a key is its documentation.
/// The section `speech`.
public struct SpeechKeys: SettingGroup {
    public static let title = "Speech"
    public static let summary = "How speech is recognised and made."

    private static let engines = SettingRule<[String]>.list(of: .string(longest: 100), count: 1...8)

    public let recognizers = SettingKey(
        "speech.recognizers",
        engines,
        default: ["moonshine"],
        .restart,
        "The recognisers, `moonshine` or `openai`; the next one is tried when one fails."
    )
    public let synthesizers = SettingKey(
        "speech.synthesizers",
        engines,
        default: ["piper", "espeak-ng"],
        .restart,
        "The synthesisers, `piper`, `espeak-ng` or `openai`; the next one is tried when one fails."
    )
    public let voiceActivity = SettingKey(
        "speech.voice_activity",
        engines,
        default: ["silero", "energy"],
        .restart,
        "The detectors of speech, `silero` or `energy`; the next one is tried when one fails."
    )
    public let voice = SettingKey(
        "speech.voice",
        .optional(.string(longest: 200)),
        default: nil,
        .live,
        "The voice when a request names none; without one, the first of the synthesisers chooses."
    )
    public let voiceFailover = SettingKey(
        "speech.voice_failover",
        .bool,
        default: false,
        .live,
        "Whether another engine may speak when that of a voice asked for by name cannot; else the request is refused."
    )
    public let voiceMap = SettingKey(
        "speech.voice_map",
        .map(of: .string(longest: 200), count: 200),
        default: [:],
        .live,
        "Other names for voices, such as `alloy: joe`."
    )
    public let speed = SettingKey(
        "speech.speed",
        .double(0.25...4),
        default: 1,
        .live,
        "How fast to speak when a request does not say; 1 is natural."
    )
    public let format = SettingKey(
        "speech.format",
        .choice(["wav", "mp3", "opus", "aac", "flac", "pcm", "mulaw", "alaw"]),
        default: "wav",
        .live,
        "The format of synthesised audio when a request names none."
    )
    public let sampleRate = SettingKey(
        "speech.sample_rate",
        .int(0...192_000),
        default: 0,
        .live,
        "The sample rate of synthesised audio in hertz when a request names none; 0 keeps that of the engine."
    )
    public let maxTextLength = SettingKey(
        "speech.max_text_length",
        .int(1...10_000_000),
        default: 100_000,
        .live,
        "The longest text to speak, in characters."
    )
    public let preload = SettingKey(
        "speech.preload",
        .bool,
        default: true,
        .restart,
        "Whether the engines are loaded when the server starts; else the first request that needs one waits for it."
    )
    public let queueCapacity = SettingKey(
        "speech.queue_capacity",
        .int(1...10_000),
        default: 16,
        .restart,
        "How many requests an engine takes at one time, the one that it works on included; the others wait, and further ones are refused at once."
    )

    public let subtitles = SubtitleKeys()
    public let openai = OpenAISpeechKeys()
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
// The summary of a key is its documentation.
/// The section `speech.openai`.
public struct OpenAISpeechKeys: SettingGroup {
    public static let title = "Speech from another server"
    public static let summary = "A server with OpenAI's audio interface, for the engines called `openai`."

    public let url = SettingKey(
        "speech.openai.url",
        .optional(.address),
        default: nil,
        .restart,
        "The address of the server, up to and including `/v1`."
    )
    public let key = SettingKey(
        "speech.openai.key",
        .optional(.secret),
        default: nil,
        .restart,
        "The key for the server."
    )
    public let recognitionModel = SettingKey(
        "speech.openai.recognition_model",
        .string(longest: 200),
        default: "whisper-1",
        .restart,
        "The server's model for recognition."
    )
    public let synthesisModel = SettingKey(
        "speech.openai.synthesis_model",
        .string(longest: 200),
        default: "tts-1",
        .restart,
        "The server's model for synthesis."
    )
    public let voice = SettingKey(
        "speech.openai.voice",
        .string(longest: 200),
        default: "alloy",
        .restart,
        "The server's voice."
    )
}

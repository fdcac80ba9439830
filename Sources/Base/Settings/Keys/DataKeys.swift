// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
// The summary of a key is its documentation.
/// The section `storage`.
public struct StorageKeys: SettingGroup {
    public static let title = "Storage"
    public static let summary = "What the server remembers."

    public let path = SettingKey(
        "storage.path",
        .string(longest: 4096),
        default: "data/antiphon.sqlite",
        .restart,
        "The database file; its folder is made when there is none."
    )
    public let keepSessions = SettingKey(
        "storage.keep_sessions",
        .duration(.seconds(3600)...(.seconds(315_360_000))),
        default: .seconds(7_776_000),
        .live,
        "How long a conversation is kept after its end, with all that was said in it."
    )
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
// The summary of a key is its documentation.
/// The section `models`.
public struct ModelsKeys: SettingGroup {
    public static let title = "Speech models"
    public static let summary = "The files of the engines on this machine."

    public let path = SettingKey(
        "models.path",
        .string(longest: 4096),
        default: "models",
        .restart,
        "The folder of the speech models. Without it, `models` of the working directory, else the one beside the program."
    )
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
// The summary of a key is its documentation.
/// The section `audio`.
public struct AudioKeys: SettingGroup {
    public static let title = "Audio"
    public static let summary = "The limits of recordings."

    public let maxDuration = SettingKey(
        "audio.max_duration",
        .duration(.seconds(1)...(.seconds(86_400))),
        default: .seconds(1800),
        .restart,
        "The longest recording that is accepted."
    )
}

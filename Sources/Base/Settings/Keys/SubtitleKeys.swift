// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
// The summary of a key is its documentation.
/// The section `speech.subtitles`.
public struct SubtitleKeys: SettingGroup {
    public static let title = "Subtitles"
    public static let summary = "How much of a transcript the formats `srt` and `vtt` show at once."

    public let longestCue = SettingKey(
        "speech.subtitles.longest_cue",
        .duration(.milliseconds(500)...(.seconds(60))),
        default: .seconds(7),
        .live,
        "The longest time that a cue is shown."
    )
    public let lineLength = SettingKey(
        "speech.subtitles.line_length",
        .int(5...500),
        default: 42,
        .live,
        "The most characters in a line."
    )
    public let lines = SettingKey(
        "speech.subtitles.lines",
        .int(1...10),
        default: 2,
        .live,
        "The most lines of a cue."
    )
}

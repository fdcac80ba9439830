public import Logging

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
// The summary of a key is its documentation.
/// The section `logging`.
public struct LoggingKeys: SettingGroup {
    public static let title = "Logging"
    public static let summary = "What the server writes about its work."

    public let level = SettingKey(
        "logging.level",
        .choice,
        default: Logger.Level.info,
        .live,
        "The least important messages that are written. What libraries say of their work is written at `trace` only."
    )
    public let format = SettingKey(
        "logging.format",
        .choice,
        default: LogFormat.text,
        .restart,
        "`text` for people, `json` for programs."
    )
    public let access = SettingKey(
        "logging.access",
        .bool,
        default: false,
        .live,
        "Whether each request is logged at its end: method, path without its query, status, bytes of the answer, milliseconds, name of the key, address of the client and request id."
    )
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
// The summary of a key is its documentation.
/// The section `telemetry`.
public struct TelemetryKeys: SettingGroup {
    public static let title = "Telemetry"
    public static let summary = "What can be measured from outside."

    public let metrics = SettingKey(
        "telemetry.metrics",
        .bool,
        default: true,
        .restart,
        "Whether `/metrics` answers."
    )
}

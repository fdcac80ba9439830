public import Logging

extension Logger.MetadataValue {
    /// Text of a user in a log line: its length, or the text itself on debug and trace lines when
    /// ``TelemetryOptions/revealsUserText`` is on.
    public static func sensitive(_ text: String) -> Self {
        .stringConvertible(SensitiveText(text: Sensitive(text)))
    }

    /// Hidden text in a log line, shown under the same conditions as a plain one.
    public static func sensitive(_ text: Sensitive<String>) -> Self {
        .stringConvertible(SensitiveText(text: text))
    }
}

/// What a log handler finds in the metadata; a handler that does not know it prints the length only.
struct SensitiveText: CustomStringConvertible, Sendable {
    let text: Sensitive<String>

    var description: String {
        let length = text.reveal().count
        return "‹hidden, \(length) character\(length == 1 ? "" : "s")›"
    }
}

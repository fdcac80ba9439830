/// How log lines are written.
public enum LogFormat: String, Sendable, CaseIterable, Codable {
    /// One JSON object per line.
    case json
    /// One line for people, in colour on a terminal.
    case text
}

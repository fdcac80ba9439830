public import Logging

/// What the logs look like and how much they say.
public struct TelemetryOptions: Sendable {
    /// How lines are written.
    public var format: LogFormat
    /// The lowest level that is written; ``LogLevels`` changes it while the program runs.
    public var level: Logger.Level
    /// Whether debug and trace lines show text of users. Off, they show its length only.
    public var revealsUserText: Bool

    /// Options; by default text from `info` on, without text of users.
    public init(format: LogFormat = .text, level: Logger.Level = .info, revealsUserText: Bool = false) {
        self.format = format
        self.level = level
        self.revealsUserText = revealsUserText
    }
}

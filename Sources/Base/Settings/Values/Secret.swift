/// Text that must not be seen in logs, answers or dumps: it describes itself as `***`.
public struct Secret: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The text itself.
    public let exposed: String

    /// Keeps `text` out of sight.
    public init(_ text: String) {
        exposed = text
    }

    /// Always `***`.
    public var description: String { "***" }
    /// Always `***`.
    public var debugDescription: String { "***" }
    /// Shows nothing.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

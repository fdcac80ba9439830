/// Where finished log lines go.
public protocol LogOutput: Sendable {
    /// Writes one line, given without its line break.
    func write(_ line: String)
}

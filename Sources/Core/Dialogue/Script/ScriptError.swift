/// A script that cannot be used, with the place of the mistake.
public struct ScriptError: Error, Equatable, CustomStringConvertible {
    /// The file as it was named.
    public var file: String
    /// The line, counted from 1, if the mistake is on one.
    public var line: Int?
    /// What is wrong and how to mend it.
    public var message: String

    /// Such as `assistant.yaml:12: unknown key "sya" in the intent "time"; did you mean "say"?`
    public var description: String {
        "\(file)\(line.map { ":\($0)" } ?? ""): \(message)"
    }
}

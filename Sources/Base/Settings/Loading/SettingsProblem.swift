/// One thing that is wrong with the settings.
public struct SettingsProblem: Sendable, Hashable {
    /// Where it is; nil when the place has no line, such as a file that cannot be read.
    public var origin: SettingOrigin?
    /// The key; nil when no key can be named.
    public var key: String?
    /// What is wrong, and what would be right.
    public var message: String
    /// What was probably meant.
    public var suggestion: String?

    /// A problem.
    public init(origin: SettingOrigin? = nil, key: String? = nil, message: String, suggestion: String? = nil) {
        self.origin = origin
        self.key = key
        self.message = message
        self.suggestion = suggestion
    }
}

extension SettingsProblem: CustomStringConvertible {
    /// Such as ``antiphon.yaml:3:3: http.max_header: unknown key; did you mean `http.max_headers`?``
    public var description: String {
        let place = [origin.map(\.description), key].compactMap(\.self).map { $0 + ": " }.joined()
        return place + message + (suggestion.map { "; did you mean `\($0)`?" } ?? "")
    }
}

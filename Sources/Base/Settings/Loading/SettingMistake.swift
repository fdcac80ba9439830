/// Why a value cannot be that of its key.
struct SettingMistake: Error {
    /// What is wrong.
    var message: String
    /// Where, if it is only a part of the value.
    var origin: SettingOrigin?
    /// What was probably meant.
    var suggestion: String?

    init(_ message: String, at origin: SettingOrigin? = nil, suggestion: String? = nil) {
        self.message = message
        self.origin = origin
        self.suggestion = suggestion
    }

    /// Something else was expected than `input`.
    init(expected: String, found input: SettingInput, suggestion: String? = nil) {
        self.init("expected \(expected), found \(input.summary)", at: input.origin, suggestion: suggestion)
    }
}

/// Something that a script's intent does before it speaks.
enum ScriptAction: String, Sendable, CaseIterable {
    case time, date, calculate, `repeat`, spell, help

    /// The variables that replies may use besides those that are always there.
    var variables: [String] {
        switch self {
        case .time, .date: []
        case .calculate: ["result"]
        case .repeat: ["last"]
        case .spell: ["letters"]
        case .help: ["abilities"]
        }
    }

    /// The slot that each phrase of the intent must have.
    var requiredSlot: String? {
        switch self {
        case .calculate: "expression"
        case .spell: "word"
        case .time, .date, .repeat, .help: nil
        }
    }

    /// What is said when the intent has no replies of its own.
    var defaultReply: String {
        switch self {
        case .time: "It is {time}."
        case .date: "Today is {weekday}, {date}."
        case .calculate: "That is {result}."
        case .repeat: "{last}"
        case .spell: "{word} is spelled {letters}."
        case .help: "I can {abilities}."
        }
    }

    /// Variables that are always there.
    static let commonVariables = ["user", "name", "input", "time", "date", "weekday"]
}

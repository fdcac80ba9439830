import Events

/// What is wrong with a client's message.
enum ClientMistake: Error {
    case invalidJSON
    case notAnObject
    /// The type that there is not; nil if it is no string.
    case unknownType(String?)
    case missingTopic
    case invalidTopic(String)
    case tooManyTopics(String)
    case forbidden(String)
    case invalidData(String)
    case rateLimited(String)
    case noSpace(String)
    case unavailable(String)

    /// What is wrong with a text that is no message.
    init(_ error: JSONTextError) {
        self =
            switch error.reason {
            case .notAnObject: .notAnObject
            case .tooDeep, .tooManyMembers, .numberTooLarge, .unpairedSurrogate: .invalidData(error.description)
            default: .invalidJSON
            }
    }

    /// The word for programs; nil for broken JSON, whose answer clients know without one.
    var code: String? {
        switch self {
        case .invalidJSON: nil
        case .notAnObject: "not_an_object"
        case .unknownType: "unknown_type"
        case .missingTopic: "missing_topic"
        case .invalidTopic: "invalid_topic"
        case .tooManyTopics: "too_many_topics"
        case .forbidden: "forbidden"
        case .invalidData: "invalid_data"
        case .rateLimited: "rate_limited"
        case .noSpace: "no_space"
        case .unavailable: "unavailable"
        }
    }

    /// One sentence.
    var message: String {
        switch self {
        case .invalidJSON: "Invalid JSON"
        case .notAnObject: "A message must be a JSON object."
        case .unknownType(nil): "The message's type must be a string."
        case .unknownType(let type?): "There are no messages of type '\(type.prefix(40))'."
        case .missingTopic: "The message names no topic; give it as topic."
        case .invalidTopic(let text), .tooManyTopics(let text), .forbidden(let text), .invalidData(let text),
            .rateLimited(let text), .noSpace(let text), .unavailable(let text):
            text
        }
    }
}

/// Why a topic cannot be named or opened.
public enum TopicError: Error, Hashable, Sendable {
    /// The name has no characters.
    case empty
    /// The name has this many bytes, more than `TopicName.maximumBytes`.
    case tooLong(bytes: Int)
    /// The name has this many segments, more than `TopicName.maximumSegments`.
    case tooManySegments(Int)
    /// The name begins or ends with `/` or contains `//`.
    case emptySegment(String)
    /// The name contains a control character.
    case controlCharacter
    /// The text contains `*` where no wildcard may stand.
    case misplacedWildcard(String)
    /// The server holds as many topics as it may.
    case tooMany(limit: Int)
}

extension TopicError: CustomStringConvertible {
    /// One sentence for people.
    public var description: String {
        switch self {
        case .empty:
            "The topic name is empty; give it 1 to \(TopicName.maximumBytes) bytes."
        case .tooLong(let bytes):
            "The topic name has \(bytes) bytes; use \(TopicName.maximumBytes) at most."
        case .tooManySegments(let count):
            "The topic name has \(count) segments; use \(TopicName.maximumSegments) at most."
        case .emptySegment(let text):
            "The topic '\(text)' has an empty segment; put text before, between and after the slashes."
        case .controlCharacter:
            "The topic name contains a control character; use printable characters."
        case .misplacedWildcard(let text):
            "The topic '\(text)' has a wildcard where none may stand: a pattern is '*' or ends in '/*', a topic has none."
        case .tooMany(let limit):
            "The server holds \(limit) topics already; publish to an existing one or try again later."
        }
    }
}

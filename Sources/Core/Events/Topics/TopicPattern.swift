/// Which topics are meant: one by its name, all below a prefix (`session/*`), or all (`*`).
public enum TopicPattern: Hashable, Sendable {
    /// The topic of this name.
    case exact(TopicName)
    /// Every topic below this name, at any depth, without the name itself.
    case below(TopicName)
    /// Every topic.
    case all

    /// Reads `a/b`, `a/b/*` or `*`; throws when what is left without the wildcard is no topic name.
    public init(_ text: String) throws(TopicError) {
        if text == "*" {
            self = .all
        } else if text.utf8.count > 2, text.hasSuffix("/*") {
            self = .below(try TopicName(String(text.dropLast(2))))
        } else {
            self = .exact(try TopicName(text))
        }
    }

    /// Whether the pattern means this topic.
    public func matches(_ name: TopicName) -> Bool {
        switch self {
        case .exact(let own): own == name
        case .below(let parent): name.isBelow(parent)
        case .all: true
        }
    }

    /// Whether every topic that `other` can mean is meant by this pattern too.
    public func covers(_ other: TopicPattern) -> Bool {
        switch (self, other) {
        case (.all, _): true
        case (_, .exact(let name)): matches(name)
        case (.below(let parent), .below(let name)): name == parent || name.isBelow(parent)
        case (.exact, _), (.below, .all): false
        }
    }
}

extension TopicPattern: CustomStringConvertible {
    /// The pattern as it is written.
    public var description: String {
        switch self {
        case .exact(let name): name.text
        case .below(let name): name.text + "/*"
        case .all: "*"
        }
    }
}

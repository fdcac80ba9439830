import Events

/// What an API key or a connection token may do: the parts of the server that it is for and, where `events` is one of
/// them, what it may do with which topics.
public struct AccessGrant: Sendable, Equatable {
    /// The parts of the server that it is for.
    public let scopes: Set<AccessScope>
    /// What it may do with which topics; nothing unless it is for `events`.
    public let topics: Permissions

    /// A grant of these scopes; `topics` counts only if `events` is one of them.
    public init(_ scopes: Set<AccessScope>, topics: Permissions = .everything) {
        self.scopes = scopes
        self.topics = scopes.contains(.events) ? topics : .nothing
    }

    /// All parts of the server and all topics.
    public static let everything = AccessGrant(Set(AccessScope.allCases))
    /// What a new key gets unless told otherwise: all but administration.
    public static let usual = AccessGrant(Set(AccessScope.allCases).subtracting([.administration]))
    /// Nothing.
    public static let nothing = AccessGrant([])

    /// What a stored key with these words may do.
    ///
    /// A word is the name of a scope, or what may be done with which topics: `publish:training/*` allows to publish to all
    /// topics below `training`, and stands for `events` as well. A key with no word at all, as they were made before there
    /// were scopes, may everything. A word that cannot be read, such as one of a later version, allows nothing.
    public init(stored words: [String]) {
        guard !words.isEmpty else {
            self = .everything
            return
        }
        var scopes: Set<AccessScope> = []
        var topics = Permissions.nothing
        var isLimitedToTopics = false
        for word in words {
            if let scope = AccessScope(rawValue: word) { scopes.insert(scope) }
            let parts = word.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, let action = TopicAction(rawValue: String(parts[0])) else { continue }
            isLimitedToTopics = true
            if let pattern = try? TopicPattern(String(parts[1])) { topics[action].append(pattern) }
        }
        if isLimitedToTopics { scopes.insert(.events) }
        self.init(scopes, topics: isLimitedToTopics ? topics : .everything)
    }

    /// The words from which the same grant can be made again: scopes in their usual order, then topics if not all are
    /// allowed. Never empty.
    public var words: [String] {
        guard !scopes.isEmpty else { return ["nothing"] }
        let names = AccessScope.allCases.filter(scopes.contains).map(\.rawValue)
        guard scopes.contains(.events), topics != .everything else { return names }
        guard topics != .nothing else { return names + ["\(TopicAction.subscribe.rawValue):"] }
        return names + TopicAction.allCases.flatMap { action in topics[action].map { "\(action.rawValue):\($0)" } }
    }
}

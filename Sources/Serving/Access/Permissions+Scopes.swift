import Events

extension Permissions {
    /// What an API key with these scopes may do: `publish:training/*` allows to publish to all topics below `training`.
    /// A key without such a scope may everything.
    ///
    /// A scope of a topic that cannot be read allows nothing; other scopes have no meaning here.
    public init(scopes: [String]) {
        self = .nothing
        var isLimited = false
        for scope in scopes {
            let parts = scope.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, let action = TopicAction(rawValue: String(parts[0])) else { continue }
            isLimited = true
            if let pattern = try? TopicPattern(String(parts[1])) { self[action].append(pattern) }
        }
        if !isLimited { self = .everything }
    }

    /// The scopes from which these permissions can be made again; none for `everything`, and one without a topic for
    /// `nothing`.
    public var scopes: [String] {
        guard self != .everything else { return [] }
        guard self != .nothing else { return ["\(TopicAction.subscribe.rawValue):"] }
        return TopicAction.allCases.flatMap { action in self[action].map { "\(action.rawValue):\($0)" } }
    }
}

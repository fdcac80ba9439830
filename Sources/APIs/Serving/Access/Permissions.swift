public import Events

/// What may be done with which topics.
public struct Permissions: Sendable, Equatable {
    /// The topics that may be published to.
    public var publish: [TopicPattern]
    /// The topics that may be subscribed to.
    public var subscribe: [TopicPattern]
    /// The topics whose presence may be joined and seen.
    public var presence: [TopicPattern]

    /// Permissions; what is left out allows nothing.
    public init(publish: [TopicPattern] = [], subscribe: [TopicPattern] = [], presence: [TopicPattern] = []) {
        self.publish = publish
        self.subscribe = subscribe
        self.presence = presence
    }

    /// Everything with every topic.
    public static let everything = Permissions(publish: [.all], subscribe: [.all], presence: [.all])

    /// Nothing with any topic.
    public static let nothing = Permissions()

    /// The topics for one action.
    public subscript(action: TopicAction) -> [TopicPattern] {
        get {
            switch action {
            case .publish: publish
            case .subscribe: subscribe
            case .presence: presence
            }
        }
        set {
            switch action {
            case .publish: publish = newValue
            case .subscribe: subscribe = newValue
            case .presence: presence = newValue
            }
        }
    }

    /// Whether `action` is allowed with this topic.
    public func allows(_ action: TopicAction, _ topic: TopicName) -> Bool {
        self[action].contains { $0.matches(topic) }
    }

    /// Whether `action` is allowed with every topic that the pattern means.
    public func allows(_ action: TopicAction, _ pattern: TopicPattern) -> Bool {
        self[action].contains { $0.covers(pattern) }
    }

    /// What both these permissions and `other` allow.
    public func restricted(to other: Permissions) -> Permissions {
        var common = Permissions()
        for action in TopicAction.allCases {
            common[action] = Self.common(self[action], other[action])
        }
        return common
    }

    /// Of two patterns one covers the other, or no topic is meant by both.
    private static func common(_ left: [TopicPattern], _ right: [TopicPattern]) -> [TopicPattern] {
        var patterns: [TopicPattern] = []
        for first in left {
            for second in right {
                let narrower = first.covers(second) ? second : second.covers(first) ? first : nil
                if let narrower, !patterns.contains(where: { $0.covers(narrower) }) { patterns.append(narrower) }
            }
        }
        return patterns
    }
}

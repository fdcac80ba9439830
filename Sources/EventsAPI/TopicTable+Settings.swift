public import Events
public import Settings
public import WebSocket

extension TopicTable {
    /// The table of topics that the settings describe. Throws `TopicError` for a pattern that is none.
    public init(settings: Settings) throws {
        let events = settings.events
        let progress = try events.progressTopics.map { try TopicPattern($0) }
        let durable = try events.durableTopics.map { try TopicPattern($0) }
        let state = try events.stateTopics.map { try TopicPattern($0) }
        let standard = TopicClass(
            pattern: .all,
            historyCount: events.historyCount,
            historyBytes: events.historyBytes,
            historyAge: events.historyAge
        )
        // A topic has the traits of every list that it is on; the narrower pattern of two comes first.
        let patterns = Set(progress + durable + state).sorted { $0.isNarrower(than: $1) }
        let classes = patterns.map { pattern in
            var topicClass = standard
            topicClass.pattern = pattern
            topicClass.overflow = progress.contains { $0.covers(pattern) } ? .dropOldest : .disconnect
            topicClass.isDurable = durable.contains { $0.covers(pattern) }
            topicClass.keepsState = state.contains { $0.covers(pattern) }
            return topicClass
        }
        self.init(
            classes: classes,
            defaultClass: standard,
            maximumTopics: events.maxTopics,
            maximumBytes: events.maxHistoryBytes
        )
    }
}

extension TopicPattern {
    /// Whether the pattern comes before another when the first that matches a topic counts.
    fileprivate func isNarrower(than other: TopicPattern) -> Bool {
        if other.covers(self) != covers(other) { return other.covers(self) }
        return description < other.description
    }
}

extension WebSocketOptions {
    /// How the settings want connections to behave.
    public init(settings: Settings) {
        self.init()
        let keys = settings.websocket
        limits = WebSocketLimits(maxFrameBytes: keys.maxMessageBytes, maxMessageBytes: keys.maxMessageBytes)
        compression = keys.compression ? CompressionOptions() : nil
        pingInterval = keys.pingInterval
        pingTimeout = keys.pingTimeout
        queueBytes = keys.queueBytes
        closeTimeout = keys.closeTimeout
    }
}

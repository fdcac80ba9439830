public import Events
internal import Resilience
public import Settings
public import WebSocket

extension TopicTable {
    /// Why the settings describe no table: a setting has a pattern that is none.
    public struct Mistake: Error, CustomStringConvertible {
        /// One sentence that begins with the setting.
        public let description: String
    }

    /// The table of topics that the settings describe. Throws `Mistake`.
    public init(settings: Settings) throws(Mistake) {
        let events = settings.events
        let progress = try Self.patterns(events.progressTopics, of: "progress_topics")
        let durable = try Self.patterns(events.durableTopics, of: "durable_topics")
        let state = try Self.patterns(events.stateTopics, of: "state_topics")
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
            limits: TopicLimits(
                topics: events.maxTopics,
                historyBytes: events.maxHistoryBytes,
                durableHistoryBytes: events.maxDurableHistoryBytes,
                historyBytesPerPublisher: events.maxHistoryBytesPerCredential,
                stateBytes: events.maxStateBytes,
                stateBytesPerPublisher: events.maxStateBytesPerCredential
            )
        )
    }

    private static func patterns(_ texts: [String], of setting: String) throws(Mistake) -> [TopicPattern] {
        var patterns: [TopicPattern] = []
        for text in texts {
            do {
                patterns.append(try TopicPattern(text))
            } catch {
                throw Mistake(description: "events.\(setting): \(error.description)")
            }
        }
        return patterns
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
        rates = RateLimit.Rates(settings: settings)
        compression = keys.compression ? CompressionOptions() : nil
        pingInterval = keys.pingInterval
        pingTimeout = keys.pingTimeout
        queueBytes = keys.queueBytes
        closeTimeout = keys.closeTimeout
    }
}

extension RateLimit.Rates {
    /// How much the settings let a client send.
    init(settings: Settings) {
        self.init(messages: settings.events.maxMessagesPerSecond, bytes: settings.events.maxBytesPerSecond)
    }
}

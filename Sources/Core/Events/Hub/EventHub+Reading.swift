import Logging
import Synchronization

/// Reading what a topic's history has, in memory and in the log of a durable one.
extension EventHub {
    /// What a topic's history holds after a position; nil if there is no such topic. Without a position, or when it is of
    /// another epoch, these are the newest messages. Of a durable topic at most about 4 MiB come from its log. Throws what
    /// reading the log throws.
    public func history(of topic: TopicName, since: Position?, limit: Int) async throws -> Recovery? {
        let reading = state.withLock { $0.table[topic]?.reading(since: since, limit: limit, now: .now) }
        guard let reading, let stored = reading.stored else { return reading?.held }
        let epoch = reading.held.position.epoch
        let isForward = since?.epoch == epoch
        let page = try await read(
            LogRequest(
                topic: topic,
                epoch: epoch,
                offsets: stored,
                prefersNewest: !isForward,
                maximumCount: limit,
                maximumBytes: 4 << 20
            )
        )
        return reading.joined(page, isForward: isForward)
    }

    /// Whether what memory does not hold of a topic's history may be in its log.
    public func hasLog(_ topic: TopicName) -> Bool { durable != nil && topicClass(of: topic).isDurable }

    /// The offsets after one that only a topic's log holds; nil when the topic has another epoch or is gone.
    func storedOffsets(of topic: TopicName, epoch: String, after offset: UInt64) -> Range<UInt64>? {
        state.withLock { state in
            guard let topic = state.table[topic], topic.position.epoch == epoch else { return nil }
            return topic.storedOffsets(after: offset, now: .now)
        }
    }

    /// Reads a part of a topic's log. Throws what the log throws, and says why in the server's log.
    func read(_ request: LogRequest) async throws -> [Publication] {
        guard let durable else { return [] }
        do {
            return try await durable.log.read(request).map(\.publication)
        } catch {
            if !Task.isCancelled {
                logger?.error("the history of a durable topic was not read", metadata: ["error": "\(error)"])
            }
            throw error
        }
    }

    /// Ends what keeping a topic for a recovery began.
    func release(_ topic: TopicName) {
        state.withLock { $0.table.release(topic, now: .now) }
    }
}

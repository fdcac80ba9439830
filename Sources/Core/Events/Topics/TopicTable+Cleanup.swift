extension TopicTable {
    /// What a visit to some topics led to.
    public struct Cleanup: Sendable {
        /// The topics that were removed.
        public internal(set) var removed: [TopicName] = []
        /// What the log of durable topics need not keep any more.
        public internal(set) var releases: [LogRelease] = []
    }

    /// Drops what has become too old in at most `limit` topics, going on where the last call ended, and removes the
    /// topics that nobody needs.
    ///
    /// A topic without subscribers is removed when nothing was ever published to it, or when it was not used for the
    /// retention of its class; one that is durable only when nothing is left of it but its position. Until then the position
    /// stays, so that a returning subscriber learns what it missed.
    public mutating func cleanup(now: ContinuousClock.Instant, visiting limit: Int = .max) -> Cleanup {
        var cleanup = Cleanup()
        for _ in 0..<min(limit, slots.count) {
            if cleanupCursor >= slots.count { cleanupCursor = 0 }
            let index = cleanupCursor
            change(index) { $0.trim(now: now) }
            if isAbandoned(slots[index], now: now) {
                let topic = remove(at: index)
                cleanup.removed.append(topic.name)
                if topic.topicClass.isDurable, topic.position.offset > 0 {
                    cleanup.releases.append(LogRelease(topic, isRemoved: true))
                }
            } else {
                let topic = slots[index].topic
                if topic.topicClass.isDurable, topic.releasedOffset > slots[index].released {
                    slots[index].released = topic.releasedOffset
                    cleanup.releases.append(LogRelease(topic, isRemoved: false))
                }
                cleanupCursor += 1
            }
        }
        return cleanup
    }

    private func isAbandoned(_ slot: Slot, now: ContinuousClock.Instant) -> Bool {
        guard slot.subscribers == 0 else { return false }
        if slot.isPristine { return true }
        guard now - slot.lastUse >= slot.topic.topicClass.retention else { return false }
        return !slot.topic.topicClass.isDurable || slot.topic.isIdle
    }

    /// Removes a topic; the last one takes its place.
    @discardableResult
    mutating func remove(at index: Int) -> TopicState {
        slots.swapAt(index, slots.count - 1)
        let slot = slots.removeLast()
        let topic = slot.topic
        indices[topic.name] = nil
        if index < slots.count { indices[slots[index].topic.name] = index }
        accounts.close(slot.account, historyBytes: topic.historyBytes, stateBytes: topic.stateBytes)
        statistics.topics -= 1
        statistics.historyBytes -= topic.historyBytes
        if topic.topicClass.isDurable { statistics.durableHistoryBytes -= topic.historyBytes }
        statistics.stateBytes -= topic.stateBytes
        statistics.held -= topic.historyCount
        return topic
    }
}

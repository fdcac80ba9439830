extension TopicTable {
    /// Drops what has become too old in at most `limit` topics, going on where the last call ended, and removes the
    /// topics that nobody needs. Returns the removed ones.
    ///
    /// A topic without subscribers is removed when nothing was ever published to it, or, unless it is durable, when it was
    /// not used for the retention of its class. Until then its position stays, so that a returning subscriber learns what
    /// it missed.
    public mutating func cleanup(now: ContinuousClock.Instant, visiting limit: Int = .max) -> [TopicName] {
        var removed: [TopicName] = []
        for _ in 0..<min(limit, slots.count) {
            if cleanupCursor >= slots.count { cleanupCursor = 0 }
            change(cleanupCursor) { $0.trim(now: now) }
            if isAbandoned(slots[cleanupCursor], now: now) {
                removed.append(remove(at: cleanupCursor))
            } else {
                cleanupCursor += 1
            }
        }
        statistics.removed += UInt64(removed.count)
        return removed
    }

    private func isAbandoned(_ slot: Slot, now: ContinuousClock.Instant) -> Bool {
        guard slot.subscribers == 0 else { return false }
        if slot.isPristine { return true }
        // A durable topic is known as long as its log, or its numbering would begin anew.
        return !slot.topic.topicClass.isDurable && now - slot.lastUse >= slot.topic.topicClass.retention
    }

    /// Removes a topic; the last one takes its place.
    mutating func remove(at index: Int) -> TopicName {
        slots.swapAt(index, slots.count - 1)
        let topic = slots.removeLast().topic
        indices[topic.name] = nil
        if index < slots.count { indices[slots[index].topic.name] = index }
        statistics.topics -= 1
        statistics.bytes -= topic.bytes
        statistics.held -= topic.historyCount
        return topic.name
    }
}

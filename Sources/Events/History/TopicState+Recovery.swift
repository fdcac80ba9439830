extension TopicState {
    /// The publications after `since` that the history holds, oldest first and `limit` at most.
    ///
    /// Without `since`, or when it is of another epoch, these are the newest ones. When it is ahead of the topic there
    /// are none, for nothing after it is known.
    public func recover(since: Position?, limit: Int, now: ContinuousClock.Instant) -> Recovery {
        let held = log.indices(youngerThan: topicClass.historyAge, now: now)
        guard let since, since.epoch == position.epoch else {
            let newest = held.suffix(max(0, limit))
            return recovery(newest, isComplete: since == nil, hasMore: newest.count < held.count)
        }
        guard since.offset < position.offset else {
            return recovery(held.prefix(0), isComplete: since.offset == position.offset, hasMore: false)
        }
        let firstHeld = held.isEmpty ? position.offset + 1 : log.offset(at: held.lowerBound)
        let firstMissed = since.offset + 1
        // What the subscriber has already lies before what it missed, and offsets are contiguous.
        let known = firstMissed > firstHeld ? Int(firstMissed - firstHeld) : 0
        let missed = held.dropFirst(known)
        let oldest = missed.prefix(max(0, limit))
        return recovery(oldest, isComplete: firstHeld <= firstMissed, hasMore: oldest.count < missed.count)
    }

    /// The keyed state at the topic's position.
    public func snapshot() -> StateSnapshot {
        StateSnapshot(position: position, entries: state.sorted())
    }

    private func recovery(_ range: Range<Int>, isComplete: Bool, hasMore: Bool) -> Recovery {
        Recovery(
            publications: log.publications(in: range),
            position: position,
            isComplete: isComplete,
            hasMore: hasMore
        )
    }
}

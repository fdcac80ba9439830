extension TopicState {
    /// The publications after `since` that memory holds of the history, oldest first and `limit` at most.
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
        let firstHeld = firstHeld(in: held)
        let firstMissed = since.offset + 1
        // What the subscriber has already lies before what it missed, and offsets are contiguous.
        let known = firstMissed > firstHeld ? Int(firstMissed - firstHeld) : 0
        let missed = held.dropFirst(known)
        let oldest = missed.prefix(max(0, limit))
        return recovery(oldest, isComplete: firstHeld <= firstMissed, hasMore: oldest.count < missed.count)
    }

    /// What ``recover(since:limit:now:)`` tells of the whole history, and where it is found: in a durable topic's log, in
    /// memory, or in both.
    func reading(since: Position?, limit: Int, now: ContinuousClock.Instant) -> HistoryReading {
        let held = log.indices(youngerThan: topicClass.historyAge, now: now)
        // What only the log has is older than what memory has.
        guard !past.isEmpty, held.lowerBound == 0 else {
            return HistoryReading(stored: nil, held: recover(since: since, limit: limit, now: now))
        }
        let firstHeld = firstHeld(in: held)
        let firstKept = firstKept(now: now)
        let limit = UInt64(max(0, limit))
        guard let since, since.epoch == position.epoch else {
            let first = max(firstKept, position.offset + 1 - min(limit, position.offset))
            let newest = held.suffix(Int(clamping: min(limit, position.offset)))
            let recovery = recovery(newest, isComplete: since == nil, hasMore: first > firstKept)
            return HistoryReading(stored: first < firstHeld ? first...(firstHeld - 1) : nil, held: recovery)
        }
        guard since.offset < position.offset else {
            return HistoryReading(stored: nil, held: recover(since: since, limit: 0, now: now))
        }
        let first = max(firstKept, since.offset + 1)
        let inLog = firstHeld > first ? firstHeld - first : 0
        let wanted = min(inLog, limit)
        let missed = held.dropFirst(Int(clamping: first > firstHeld ? first - firstHeld : 0))
        let oldest = missed.prefix(Int(clamping: min(limit - wanted, position.offset)))
        let recovery = recovery(
            oldest,
            isComplete: firstKept <= since.offset + 1,
            hasMore: wanted < inLog || oldest.count < missed.count
        )
        return HistoryReading(stored: wanted > 0 ? first...(first + wanted - 1) : nil, held: recovery)
    }

    /// The offsets after one that only a durable topic's log holds; empty when memory has all that the history has after it.
    func storedOffsets(after offset: UInt64, now: ContinuousClock.Instant) -> Range<UInt64> {
        let held = log.indices(youngerThan: topicClass.historyAge, now: now)
        let firstHeld = firstHeld(in: held)
        guard !past.isEmpty, held.lowerBound == 0 else { return firstHeld..<firstHeld }
        let first = max(firstKept(now: now), min(offset, position.offset) + 1)
        return min(first, firstHeld)..<firstHeld
    }

    /// The first offset that the history has.
    private func firstKept(now: ContinuousClock.Instant) -> UInt64 {
        max(releasedOffset, past.outdated(topicClass.historyAge, now: now) ?? 0) + 1
    }

    /// The keyed state at the topic's position.
    public func snapshot() -> StateSnapshot {
        StateSnapshot(position: position, entries: state.sorted())
    }

    private func firstHeld(in held: Range<Int>) -> UInt64 {
        held.isEmpty ? position.offset + 1 : log.offset(at: held.lowerBound)
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

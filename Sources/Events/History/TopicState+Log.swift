extension TopicState {
    /// Takes up what a durable log has kept.
    ///
    /// The publications at its end that follow each other are the history; those before are what is left of the state.
    mutating func resume(_ logged: LoggedTopic, now: ContinuousClock.Instant) {
        let epoch = logged.position.epoch
        var next = logged.position.offset + 1
        var start = logged.publications.endIndex
        while start > 0, logged.publications[start - 1].publication.offset == next - 1 {
            next -= 1
            start -= 1
        }
        restart(
            at: Position(epoch: epoch, offset: next - 1),
            state: logged.publications[..<start].map(\.publication)
        )
        for (publication, key) in logged.publications[start...] {
            _ = apply(publication, epoch: epoch, idempotencyKey: key, now: now)
        }
    }
}

extension TopicTable {
    /// For each durable topic, the offset up to which its history has let go of its publications.
    func releasedOffsets() -> [(TopicName, UInt64)] {
        slots.compactMap { slot in
            guard slot.topic.topicClass.isDurable else { return nil }
            return (slot.topic.name, slot.topic.position.offset - UInt64(slot.topic.historyCount))
        }
    }
}

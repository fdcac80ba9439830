extension TopicState {
    /// Up to which offset the history has let go of its publications.
    var releasedOffset: UInt64 { position.offset - UInt64(historyCount) }

    /// Takes up what a durable log has kept.
    ///
    /// The publications at its end that follow each other are the history; those before are what is left of the state, and
    /// of those that are to be recognised when they are repeated. All are as old as they were when the process ended.
    mutating func resume(_ logged: LoggedTopic, now: ContinuousClock.Instant, date: Timestamp = .now) {
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
        var time: ContinuousClock.Instant?
        for (index, (publication, key)) in logged.publications.enumerated() {
            let age = Duration.microseconds(max(0, date.microseconds - publication.timestamp.microseconds))
            // The clock on the wall can have been set back in between.
            let published = max(now - age, time ?? now - age)
            time = published
            if index < start {
                guard let key else { continue }
                remember(key, at: Position(epoch: epoch, offset: publication.offset), now: published)
            } else {
                _ = apply(publication, epoch: epoch, idempotencyKey: key, now: published)
            }
        }
        trim(now: now)
    }
}

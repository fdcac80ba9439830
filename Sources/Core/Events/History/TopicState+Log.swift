extension TopicState {
    /// Takes up what a durable log has kept, a page at a time and in the order of offsets; then
    /// ``endResuming(at:now:)`` is called.
    ///
    /// The publications at its end that follow each other are the history; those before are what is left of the state, and
    /// of those that are to be recognised when they are repeated. All are as old as they were when the process ended:
    /// `latest` is when the last one before the page was published, and then the last one of it.
    mutating func resume(
        _ page: [LoggedMessage],
        epoch: String,
        latest: inout ContinuousClock.Instant?,
        now: ContinuousClock.Instant,
        date: Timestamp = .now
    ) {
        for message in page {
            let publication = message.publication
            let age = Duration.microseconds(max(0, date.microseconds - publication.timestamp.microseconds))
            // The clock on the wall can have been set back in between.
            let published = max(now - age, latest ?? now - age)
            latest = published
            if position.epoch != epoch || position.offset + 1 != publication.offset {
                skip(to: Position(epoch: epoch, offset: publication.offset - 1))
            }
            _ = apply(publication, epoch: epoch, idempotencyKey: message.idempotencyKey, now: published)
        }
    }

    /// All that the log has kept was taken up; the last publication of the topic was this one.
    mutating func endResuming(at last: Position, now: ContinuousClock.Instant) {
        if position != last { skip(to: last) }
        trim(now: now)
    }
}

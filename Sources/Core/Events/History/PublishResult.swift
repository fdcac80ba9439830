/// What became of a draft.
public enum PublishResult: Sendable, Equatable {
    /// It has its number and is to be delivered.
    case published(Publication)
    /// Its idempotency key is that of an earlier publication, which stands at this position; nothing was published.
    case duplicate(of: Position)
    /// It would add an entry to a state that is full; nothing was published.
    case stateFull(limit: StateLimit)
}

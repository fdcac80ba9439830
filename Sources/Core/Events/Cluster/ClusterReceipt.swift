/// What became of a draft that was published through a cluster.
public enum ClusterReceipt: Sendable, Equatable {
    /// It stands at this position.
    case published(Position)
    /// Its idempotency key is that of an earlier publication, which stands here; nothing was published.
    case duplicate(of: Position)
    /// It would add to a state that is full; nothing was published.
    case stateFull(limit: StateLimit)
}

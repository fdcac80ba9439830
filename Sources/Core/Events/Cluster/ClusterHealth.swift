/// Whether a node is one with the others.
public enum ClusterHealth: Sendable, Equatable {
    /// The node is alone by design.
    case standalone
    /// Publications go to all nodes.
    case connected
    /// Redis is away since then: publications reach the subscribers of this node, and `backlog` of them wait to be sent
    /// to the other nodes; `dropped` found no room.
    case degraded(since: ContinuousClock.Instant, backlog: Int, dropped: Int)
}

/// What a topic goes on with after it was loaded.
public struct ClusterContent: Sendable, Equatable {
    /// The position after the last publication of `history`.
    public let position: Position
    /// Publications with contiguous offsets up to the position; may be empty.
    public let history: [Publication]
    /// The keyed state; nil when the topic keeps the one that it has.
    public let state: [Publication]?
}

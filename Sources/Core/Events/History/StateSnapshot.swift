/// The keyed state of a topic at one position: changes after it complete the picture.
public struct StateSnapshot: Sendable, Equatable {
    /// The position of the topic at the time of the snapshot.
    public let position: Position
    /// The newest publication of each state key, in order of change.
    public let entries: [Publication]
}

/// What others have to be told after somebody came or went.
public enum PresenceChange: Hashable, Sendable {
    /// This member is new.
    case joined(Member)
    /// This member is gone.
    case left(Member)
    /// Nothing.
    case none
}

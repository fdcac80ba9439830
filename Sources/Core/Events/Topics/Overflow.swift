/// What happens to a subscriber that takes messages slower than they come.
public enum Overflow: String, Hashable, Sendable {
    /// The oldest waiting message is dropped; fit for progress and levels, where the newest counts.
    case dropOldest = "drop_oldest"
    /// The connection is closed; the client comes back and recovers what it missed.
    case disconnect
}

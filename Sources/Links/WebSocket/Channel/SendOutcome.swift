/// What became of frames that were to be sent.
public enum SendOutcome: Sendable, Equatable {
    /// The kernel has them.
    case sent
    /// They wait for the peer to read what came before.
    case queued
    /// They wait, and so many older frames that may be dropped were dropped for them.
    case queuedDropping(Int)
    /// They were dropped themselves: what waits is more important, and there is no room.
    case dropped
    /// There is no room and nothing to drop. The frames are lost; the connection should be closed.
    case overflowed
    /// The connection is closing or closed.
    case closed
}

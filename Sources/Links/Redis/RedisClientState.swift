/// What a ``RedisClient`` tells its owner about its connection.
public enum RedisClientState: Sendable, Equatable {
    /// Commands are carried out and all subscriptions are made.
    case connected
    /// Commands fail at once; the client tries to connect again until it is stopped.
    case disconnected(RedisError)
}

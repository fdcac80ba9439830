public import Redis

/// How nodes are joined over a Redis server.
public struct ClusterConfiguration: Sendable {
    /// The server that the nodes share.
    public var redis: RedisConfiguration
    /// The name of this run of this node; no other node and no earlier run may have it.
    public var nodeID: String
    /// What all keys and channels in Redis begin with; nodes with the same prefix are one cluster.
    public var prefix: String
    /// How often a node shows that it lives.
    public var heartbeatInterval: Duration = .seconds(5)
    /// After how long without a sign of life a node counts as gone.
    public var heartbeatExpiry: Duration = .seconds(15)
    /// The most publications that are kept for the other nodes while Redis is away.
    public var backlogCount = 10_000
    /// The most bytes that are kept for the other nodes while Redis is away.
    public var backlogBytes = 16 << 20
    /// How long a publication that went through is kept, in case Redis loses it before all nodes have it; longer than it
    /// takes to notice that Redis is away.
    public var settleTime: Duration = .seconds(30)
    /// How long Redis keeps the position and state of a topic at least; also how long it knows a node that is away.
    public var minimumRetention: Duration = .seconds(86_400)
    /// The most topics whose position a node follows.
    public var maximumTopics = 100_000

    /// About how many bytes of a topic's history Redis is asked for at a time; the message that reaches them is the last.
    public var pageBytes = 256 << 10
    /// The most bytes of a message's payload. Redis lets go of a node for which 32 MiB wait, and a reply must fit into the
    /// limits of the connection.
    public static let largestMessage = 16 << 20

    /// The most bytes of a message's payload on this connection: ``largestMessage``, or what its limits let through.
    public var maximumMessageBytes: Int {
        min(Self.largestMessage, redis.limits.bulkBytes - Self.head, redis.limits.replyBytes - pageBytes - Self.head)
    }

    /// The most that stands around a payload: topic, keys, type, numbers.
    private static let head = 4096

    /// A cluster on a server, with a random name for this node.
    public init(redis: RedisConfiguration, nodeID: String = Position.randomEpoch(), prefix: String = "antiphon:") {
        self.redis = redis
        self.nodeID = nodeID
        self.prefix = prefix
    }
}

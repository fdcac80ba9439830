// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
// The summary of a key is its documentation.
/// The section `websocket`.
public struct WebSocketKeys: SettingGroup {
    public static let title = "WebSocket"
    public static let summary = "The limits of WebSocket connections, whatever API they belong to."

    public let maxConnections = SettingKey(
        "websocket.max_connections",
        .int(1...1_000_000),
        default: 20_000,
        .restart,
        "The most WebSocket connections at one time. The default is lowered to what the limit of open files leaves."
    )
    public let maxConnectionsPerAddress = SettingKey(
        "websocket.max_connections_per_address",
        .int(1...1_000_000),
        default: 1000,
        .restart,
        "The most WebSocket connections from one IP address."
    )
    public let maxMessageBytes = SettingKey(
        "websocket.max_message_bytes",
        .bytes(1024...67_108_864),
        default: 1_048_576,
        .restart,
        "The largest message, and the largest frame, that a client may send. A larger one closes its connection (1009)."
    )
    public let queueBytes = SettingKey(
        "websocket.queue_bytes",
        .bytes(16_384...1_073_741_824),
        default: 1_048_576,
        .restart,
        "How much may wait for a client that reads too slowly, before messages are dropped or the connection is closed (1013)."
    )
    public let compression = SettingKey(
        "websocket.compression",
        .bool,
        default: false,
        .restart,
        "Whether messages are compressed for clients that offer it (permessage-deflate). It costs time and memory for each connection."
    )
    public let pingInterval = SettingKey(
        "websocket.ping_interval",
        .duration(.seconds(1)...(.seconds(3600))),
        default: .seconds(20),
        .restart,
        "How long a client may be silent before it is asked whether it is still there."
    )
    public let pingTimeout = SettingKey(
        "websocket.ping_timeout",
        .duration(.seconds(1)...(.seconds(3600))),
        default: .seconds(20),
        .restart,
        "How long it may then stay silent before its connection is closed."
    )
    public let closeTimeout = SettingKey(
        "websocket.close_timeout",
        .duration(.seconds(1)...(.seconds(60))),
        default: .seconds(5),
        .restart,
        "How long a client may take to answer a close frame."
    )
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
// The summary of a key is its documentation.
/// The section `events`.
public struct EventsKeys: SettingGroup {
    public static let title = "Events"
    public static let summary = "Topics and those who follow them."

    public let heartbeat = SettingKey(
        "events.heartbeat",
        .duration(.seconds(1)...(.seconds(3600))),
        default: .seconds(30),
        .restart,
        "How often every client gets a `ping` message."
    )
    public let cleanup = SettingKey(
        "events.cleanup",
        .duration(.seconds(1)...(.seconds(3600))),
        default: .seconds(60),
        .restart,
        "How often what is too old is dropped, and clients that give no sign of life are closed."
    )
    public let liveness = SettingKey(
        "events.liveness",
        .duration(.seconds(1)...(.seconds(86_400))),
        default: .seconds(300),
        .restart,
        "How long a client may give no sign of life. Any frame is one, an answer to a WebSocket ping as well."
    )
    public let maxTopics = SettingKey(
        "events.max_topics",
        .int(1...10_000_000),
        default: 100_000,
        .restart,
        "The most topics at one time."
    )
    public let maxSubscriptions = SettingKey(
        "events.max_subscriptions",
        .int(1...100_000),
        default: 128,
        .restart,
        "The most subscriptions of one connection."
    )
    public let maxConnectionsPerCredential = SettingKey(
        "events.max_connections_per_credential",
        .int(1...1_000_000),
        default: 1000,
        .restart,
        "The most connections with the same key or token; a further one closes the oldest (4409)."
    )
    public let maxMessagesPerSecond = SettingKey(
        "events.max_messages_per_second",
        .int(1...1_000_000),
        default: 10_000,
        .restart,
        "The most messages that one client may send in a second, over all its connections and by HTTP together, in the long run; two seconds' worth at once. A client is a key or token, or an address where no key is asked for. Pings and other control frames count, and parts of messages below 1 KiB. A connection that sends more is closed (4429), a request told when to try again (429); what several connections send together is read as fast as the limit allows."
    )
    public let maxBytesPerSecond = SettingKey(
        "events.max_bytes_per_second",
        .bytes(1024...68_719_476_736),
        default: 32 * 1_048_576,
        .restart,
        "The most bytes that one client may send in a second, counted as its messages are; of compressed messages, what they become."
    )
    public let historyCount = SettingKey(
        "events.history_count",
        .int(0...1_000_000),
        default: 256,
        .restart,
        "The most messages that a topic's history keeps."
    )
    public let historyBytes = SettingKey(
        "events.history_bytes",
        .bytes(0...1_073_741_824),
        default: 1_048_576,
        .restart,
        "The most bytes of a topic's history that are held in memory. A durable topic keeps the others in the database."
    )
    public let historyAge = SettingKey(
        "events.history_age",
        .duration(.seconds(1)...(.seconds(31_536_000))),
        default: .seconds(600),
        .restart,
        "How long a message stays in the history. Shorter than this only where there are more than `events.history_count`, or, unless the topic is durable, too many bytes."
    )
    public let maxHistoryBytes = SettingKey(
        "events.max_history_bytes",
        .bytes(0...68_719_476_736),
        default: 256 * 1_048_576,
        .restart,
        "The most bytes of all histories that are held in memory. Beyond it those who publish most give up the oldest messages of their largest topics; durable topics keep them in the database."
    )
    public let maxDurableHistoryBytes = SettingKey(
        "events.max_durable_history_bytes",
        .bytes(0...68_719_476_736),
        default: 128 * 1_048_576,
        .restart,
        "The most bytes of histories of durable topics that are held in memory, so that they leave room for the others. What is beyond is read from the database."
    )
    public let maxHistoryBytesPerCredential = SettingKey(
        "events.max_history_bytes_per_credential",
        .bytes(0...68_719_476_736),
        default: 64 * 1_048_576,
        .restart,
        "The most bytes of history in memory of the topics to which one API key, with its tokens, has published last. Beyond it they give up their oldest messages."
    )
    public let maxStateBytes = SettingKey(
        "events.max_state_bytes",
        .bytes(0...68_719_476_736),
        default: 64 * 1_048_576,
        .restart,
        "The most bytes of keyed state of all topics, with the idempotency keys of durable ones. A message that would add to it is refused."
    )
    public let maxStateBytesPerCredential = SettingKey(
        "events.max_state_bytes_per_credential",
        .bytes(0...68_719_476_736),
        default: 32 * 1_048_576,
        .restart,
        "The same for the topics to which one API key, with its tokens, has published last."
    )
    public let progressTopics = SettingKey(
        "events.progress_topics",
        .list(of: .string(longest: 255), count: 0...1000),
        default: ["training", "training/*", "session/*"],
        .restart,
        "Topics of which only the newest messages matter: a client that reads too slowly loses the oldest ones instead of its connection. A pattern may end in `/*`."
    )
    public let durableTopics = SettingKey(
        "events.durable_topics",
        .list(of: .string(longest: 255), count: 0...1000),
        default: [],
        .restart,
        "Topics whose history is kept in the database, and where a message counts as published when it is stored. A pattern may end in `/*`."
    )
    public let stateTopics = SettingKey(
        "events.state_topics",
        .list(of: .string(longest: 255), count: 0...1000),
        default: ["*"],
        .restart,
        "Topics that keep the newest message of each `state_key`. A pattern may end in `/*`."
    )
    public let benchmarkTrigger = SettingKey(
        "events.benchmark_trigger",
        .bool,
        default: false,
        .restart,
        "Whether `POST /broadcast` sends many messages at once, to measure the server."
    )
    public let echo = SettingKey(
        "events.echo",
        .bool,
        default: false,
        .restart,
        "Whether `/ws/echo` sends every message back, to test clients and the server."
    )
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
// The summary of a key is its documentation.
/// The section `cluster`.
public struct ClusterKeys: SettingGroup {
    public static let title = "Cluster"
    public static let summary = "Several servers as one."

    public let redis = SettingKey(
        "cluster.redis",
        .optional(.secret),
        default: nil,
        .restart,
        "The Redis server that joins several servers into one hub of topics, such as `redis://127.0.0.1:6379`."
    )
    public let prefix = SettingKey(
        "cluster.prefix",
        .string(longest: 100),
        default: "antiphon:",
        .restart,
        "What the names of all keys in Redis begin with. Servers with the same prefix belong together."
    )
}

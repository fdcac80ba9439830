/// Where durable topics are kept, so that they outlive the process, and whatever memory has room for.
public protocol DurableLog: Sendable {
    /// Stores publications, all or none; returns when they would survive a crash. Throws `DurableLogError.noSpace` when there
    /// is no room for them, or another error.
    func append(_ publications: [LoggedPublication]) async throws

    /// The topics that are kept, and where each stands.
    func topics() async throws -> [LoggedTopic]

    /// A part of what is kept of a topic, in the order of offsets: as many messages as the request allows, and one at
    /// least unless there is none.
    func read(_ request: LogRequest) async throws -> [LoggedMessage]

    /// Forgets what is not needed any more.
    func trim(_ releases: [LogRelease]) async throws
}

/// Why a durable log did not store something, as far as publishers are to know.
public enum DurableLogError: Error, Sendable {
    /// There is no room left.
    case noSpace
}

/// Which part of a topic a durable log is asked for.
public struct LogRequest: Sendable {
    /// The topic.
    public let topic: TopicName
    /// Its epoch; what is left of others is not meant.
    public let epoch: String
    /// The offsets of the messages.
    public let offsets: ClosedRange<UInt64>
    /// Whether the newest of them are wanted when there are too many, not the oldest.
    public let prefersNewest: Bool
    /// The most messages.
    public let maximumCount: Int
    /// So many bytes of data are enough: with the message that reaches them the part ends.
    public let maximumBytes: Int

    /// A request for what fits into one page.
    init(
        topic: TopicName,
        epoch: String,
        offsets: ClosedRange<UInt64>,
        prefersNewest: Bool = false,
        maximumCount: Int = 1000,
        maximumBytes: Int = 1 << 20
    ) {
        self.topic = topic
        self.epoch = epoch
        self.offsets = offsets
        self.prefersNewest = prefersNewest
        self.maximumCount = maximumCount
        self.maximumBytes = maximumBytes
    }
}

/// What a durable log need not keep of a topic any more: everything of other epochs, and the publications up to an offset,
/// but for those that are still needed otherwise.
public struct LogRelease: Sendable, Equatable {
    /// The topic.
    public let topic: TopicName
    /// Its epoch, and the last offset that its history has let go: by count or by age, never for want of memory.
    public let position: Position
    /// Whether the newest publication of each state key is still needed.
    public let keepsState: Bool
    /// How many publications with an idempotency key are still needed at most, the newest ones.
    public let idempotencyKeys: Int
    /// How old these are at most.
    public let idempotencyAge: Duration
    /// Whether the topic itself is gone.
    public let isRemoved: Bool

    init(_ topic: TopicState, isRemoved: Bool) {
        self.topic = topic.name
        position = Position(epoch: topic.position.epoch, offset: topic.releasedOffset)
        keepsState = topic.topicClass.keepsState
        idempotencyKeys = topic.topicClass.idempotencyKeys
        idempotencyAge = topic.topicClass.idempotencyAge
        self.isRemoved = isRemoved
    }
}

/// A publication on its way to a durable log.
public struct LoggedPublication: Sendable {
    /// Its topic.
    public let topic: TopicName
    /// The epoch of the topic.
    public let epoch: String
    /// What was published.
    public let publication: Publication
    /// The key under which a repetition is recognised.
    public let idempotencyKey: String?

    /// A publication to be stored.
    public init(topic: TopicName, epoch: String, publication: Publication, idempotencyKey: String?) {
        self.topic = topic
        self.epoch = epoch
        self.publication = publication
        self.idempotencyKey = idempotencyKey
    }
}

/// A publication that a durable log has kept.
public struct LoggedMessage: Sendable {
    /// What was published.
    public let publication: Publication
    /// The key under which a repetition is recognised.
    public let idempotencyKey: String?

    /// A publication from a log.
    public init(_ publication: Publication, idempotencyKey: String?) {
        self.publication = publication
        self.idempotencyKey = idempotencyKey
    }
}

/// A topic that a durable log has kept.
public struct LoggedTopic: Sendable {
    /// Its name.
    public let topic: TopicName
    /// Its epoch, and the offset of the last publication, which may have been trimmed.
    public let position: Position

    /// A topic.
    public init(topic: TopicName, position: Position) {
        self.topic = topic
        self.position = position
    }
}

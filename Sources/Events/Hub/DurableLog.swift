/// Where durable topics are kept, so that they outlive the process.
public protocol DurableLog: Sendable {
    /// Stores publications, all or none; returns when they would survive a crash.
    func append(_ publications: [LoggedPublication]) async throws

    /// What is kept of all topics, each in the order of offsets.
    func load() async throws -> [LoggedTopic]

    /// Forgets what is not needed any more.
    func trim(_ releases: [LogRelease]) async throws
}

/// What a durable log need not keep of a topic any more: everything of other epochs, and the publications up to an offset,
/// but for those that are still needed otherwise.
public struct LogRelease: Sendable, Equatable {
    /// The topic.
    public let topic: TopicName
    /// Its epoch, and the last offset that its history has let go.
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

/// A topic as a durable log has kept it.
public struct LoggedTopic: Sendable {
    /// Its name.
    public let topic: TopicName
    /// Its epoch, and the offset of the last publication, which may have been trimmed.
    public let position: Position
    /// The publications that are left, in order, with their idempotency keys.
    public let publications: [(publication: Publication, idempotencyKey: String?)]

    /// A topic.
    public init(
        topic: TopicName,
        position: Position,
        publications: [(publication: Publication, idempotencyKey: String?)]
    ) {
        self.topic = topic
        self.position = position
        self.publications = publications
    }
}

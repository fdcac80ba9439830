/// Where durable topics are kept, so that they outlive the process.
public protocol DurableLog: Sendable {
    /// Stores publications, all or none; returns when they would survive a crash.
    func append(_ publications: [LoggedPublication]) async throws

    /// What is kept of all topics, each in the order of offsets.
    func load() async throws -> [LoggedTopic]

    /// Forgets what a topic's history has let go: publications up to this offset, but for entries of its keyed state.
    func trim(_ topic: TopicName, through offset: UInt64) async throws
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

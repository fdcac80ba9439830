public import NIOCore

/// A message as a subscriber in this process gets it.
public struct Event: Sendable, Equatable {
    /// The topic it was published to.
    public let topic: TopicName
    /// Where it stands in the topic.
    public let position: Position
    /// What kind of message it is.
    public let type: String
    /// The payload: a JSON object.
    public let data: ByteBuffer
    /// When it was published.
    public let timestamp: Timestamp
    /// The entry of the topic's keyed state that it replaces or removes, if any.
    public let stateKey: String?
    /// Whether it removes the entry of its state key.
    public let isRemoval: Bool
    /// How many events before this one were lost, because the reader fell behind.
    public internal(set) var missed = 0

    init(_ publication: Publication, topic: TopicName, epoch: String) {
        self.topic = topic
        position = Position(epoch: epoch, offset: publication.offset)
        type = publication.type
        data = publication.data
        timestamp = publication.timestamp
        stateKey = publication.stateKey
        isRemoval = publication.isRemoval
    }
}

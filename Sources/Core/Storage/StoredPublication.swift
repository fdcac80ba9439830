public import Foundation

/// A message of a topic as it is kept.
public struct StoredPublication: Sendable, Equatable {
    /// The topic's name.
    public let topic: String
    /// The life of the topic's numbering.
    public let epoch: String
    /// The message's number in the topic, from 1.
    public let offset: Int64
    /// The kind of message.
    public let type: String
    /// Its payload: JSON.
    public let data: Data
    /// When it was published, in microseconds since 1970.
    public let timestamp: Int64
    /// The entry of the topic's state that it replaces or removes.
    public let stateKey: String?
    /// Whether it removes the entry.
    public let isRemoval: Bool
    /// The key under which a repetition is recognised.
    public let idempotencyKey: String?

    /// A message to be kept.
    public init(
        topic: String,
        epoch: String,
        offset: Int64,
        type: String,
        data: Data,
        timestamp: Int64,
        stateKey: String?,
        isRemoval: Bool,
        idempotencyKey: String?
    ) {
        self.topic = topic
        self.epoch = epoch
        self.offset = offset
        self.type = type
        self.data = data
        self.timestamp = timestamp
        self.stateKey = stateKey
        self.isRemoval = isRemoval
        self.idempotencyKey = idempotencyKey
    }
}

public import Events
import Foundation
import NIOCore
import NIOFoundationCompat
public import Storage

/// Keeps durable topics in the server's database.
public struct StoredTopics: DurableLog {
    private let store: TopicStore
    private let isDurable: @Sendable (TopicName) -> Bool

    /// Keeps topics in `store`, those of them that the settings still call durable.
    public init(_ store: TopicStore, isDurable: @escaping @Sendable (TopicName) -> Bool) {
        self.store = store
        self.isDurable = isDurable
    }

    /// Stores publications, all or none.
    public func append(_ publications: [LoggedPublication]) async throws {
        try await store.append(
            publications.map { logged in
                let publication = logged.publication
                return StoredPublication(
                    topic: logged.topic.text,
                    epoch: logged.epoch,
                    offset: Int64(clamping: publication.offset),
                    type: publication.type,
                    data: Data(buffer: publication.data),
                    timestamp: publication.timestamp.microseconds,
                    stateKey: publication.stateKey,
                    isRemoval: publication.isRemoval,
                    idempotencyKey: logged.idempotencyKey
                )
            }
        )
    }

    /// What is kept of all topics.
    public func load() async throws -> [LoggedTopic] {
        var topics: [LoggedTopic] = []
        for position in try await store.positions() {
            guard let name = try? TopicName(position.topic), isDurable(name) else { continue }
            let publications = try await store.publications(of: position.topic, epoch: position.epoch)
            topics.append(
                LoggedTopic(
                    topic: name,
                    position: Position(epoch: position.epoch, offset: UInt64(clamping: position.offset)),
                    publications: publications.map { stored in
                        let publication = Publication(
                            offset: UInt64(clamping: stored.offset),
                            type: stored.type,
                            data: ByteBuffer(data: stored.data),
                            timestamp: Timestamp(microseconds: stored.timestamp),
                            stateKey: stored.stateKey,
                            isRemoval: stored.isRemoval
                        )
                        return (publication, stored.idempotencyKey)
                    }
                )
            )
        }
        return topics
    }

    /// Forgets what is not needed any more.
    public func trim(_ releases: [LogRelease]) async throws {
        let now = Timestamp.now.microseconds
        try await store.trim(
            releases.map { release in
                TopicStore.Release(
                    topic: release.topic.text,
                    epoch: release.position.epoch,
                    offset: Int64(clamping: release.position.offset),
                    keepsState: release.keepsState,
                    keys: release.idempotencyKeys,
                    keysSince: now - Int64(release.idempotencyAge / .microseconds(1)),
                    isRemoved: release.isRemoved
                )
            }
        )
    }
}

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

    /// Stores publications, all or none. Throws `DurableLogError.noSpace` or `StorageError`.
    public func append(_ publications: [LoggedPublication]) async throws {
        let stored = publications.map { logged in
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
        do {
            try await store.append(stored)
        } catch StorageError.diskFull {
            throw DurableLogError.noSpace
        }
    }

    /// The topics that are kept.
    public func topics() async throws -> [LoggedTopic] {
        try await store.positions().compactMap { position in
            guard let name = try? TopicName(position.topic), isDurable(name) else { return nil }
            return LoggedTopic(
                topic: name,
                position: Position(epoch: position.epoch, offset: UInt64(clamping: position.offset))
            )
        }
    }

    /// A part of what is kept of a topic.
    public func read(_ request: LogRequest) async throws -> [LoggedMessage] {
        let stored = try await store.publications(
            of: request.topic.text,
            epoch: request.epoch,
            numbers: Int64(clamping: request.offsets.lowerBound)...Int64(clamping: request.offsets.upperBound),
            prefersNewest: request.prefersNewest,
            maximumCount: request.maximumCount,
            maximumBytes: request.maximumBytes
        )
        return stored.map { stored in
            let publication = Publication(
                offset: UInt64(clamping: stored.offset),
                type: stored.type,
                data: ByteBuffer(data: stored.data),
                timestamp: Timestamp(microseconds: stored.timestamp),
                stateKey: stored.stateKey,
                isRemoval: stored.isRemoval
            )
            return LoggedMessage(publication, idempotencyKey: stored.idempotencyKey)
        }
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

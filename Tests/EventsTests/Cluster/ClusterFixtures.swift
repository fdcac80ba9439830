import Logging
import NIOCore
import NIOPosix
import Redis
import Synchronization
import TestRedis
import Testing

@testable import Events

func name(_ text: String) -> TopicName { TopicName(unchecked: text) }

func draft(_ text: String, key: String? = nil, stateKey: String? = nil, isRemoval: Bool = false) -> Draft {
    Draft(
        type: "custom",
        data: ByteBuffer(string: text),
        timestamp: Timestamp(microseconds: 1_000_000),
        idempotencyKey: key,
        stateKey: stateKey,
        isRemoval: isRemoval
    )
}

/// A node's subscribers and topics, kept as a hub keeps them; breaches of the promises of a cluster are issues.
final class MirrorMember: ClusterMember {
    struct Delivered: Sendable, Equatable {
        let topic: String
        let text: String
        let position: Position
    }

    let delivered = Recorder<Delivered>()
    let presence = Recorder<PresenceChange>()
    let health = Recorder<ClusterHealth>()
    private let topics = Mutex<[TopicName: TopicState]>([:])
    let topicClass = TopicClass(historyCount: 50_000, historyBytes: 64 << 20, keepsState: true)

    func topic(_ topic: TopicName) -> TopicState? { topics.withLock { $0[topic] } }

    private func apply(_ publication: Publication, epoch: String, topic: TopicName) {
        let result = topics.withLock { $0[topic]?.apply(publication, epoch: epoch, now: .now) }
        #expect(result == .applied, "\(topic) \(epoch) \(publication.offset)")
    }

    func deliver(_ publication: Publication, epoch: String, topic: TopicName) {
        apply(publication, epoch: epoch, topic: topic)
        let position = Position(epoch: epoch, offset: publication.offset)
        delivered.record(.init(topic: topic.text, text: String(buffer: publication.data), position: position))
    }

    func absorb(_ publication: Publication, epoch: String, topic: TopicName) {
        apply(publication, epoch: epoch, topic: topic)
    }

    func restart(_ topic: TopicName, with content: ClusterContent) {
        topics.withLock { topics in
            var state = topics[topic] ?? TopicState(name: topic, class: topicClass, epoch: content.position.epoch)
            let first = content.history.first.map { $0.offset - 1 } ?? content.position.offset
            state.restart(
                at: Position(epoch: content.position.epoch, offset: first),
                state: content.state ?? state.snapshot().entries
            )
            for publication in content.history {
                #expect(state.apply(publication, epoch: content.position.epoch, now: .now) == .applied)
            }
            #expect(state.position == content.position)
            topics[topic] = state
        }
    }

    func presenceChanged(_ topic: TopicName, change: PresenceChange) { presence.record(change) }

    func healthChanged(_ health: ClusterHealth) { self.health.record(health) }

    func texts(_ topic: String) -> [String] { delivered.elements.filter { $0.topic == topic }.map(\.text) }

    func connected(times: Int = 1) async {
        await health.wait { $0.count { $0 == .connected } >= times }
    }

    /// Waits until these members of other nodes are present; returns the changes that led there.
    @discardableResult
    func present(_ isExpected: @escaping @Sendable (Set<String>) -> Bool) async -> [PresenceChange] {
        await presence.wait { changes in
            var present: Set<String> = []
            for change in changes {
                switch change {
                case .joined(let member): present.insert(member.id)
                case .left(let member): present.remove(member.id)
                case .none: break
                }
            }
            return isExpected(present)
        }
    }

    func degraded() async {
        await health.wait { if case .degraded = $0.last { true } else { false } }
    }
}

/// A node under test with its member.
struct TestNode: Sendable {
    let member = MirrorMember()
    let node: ClusterNode

    init(_ server: RedisServer, id: String, configure: (inout ClusterConfiguration) -> Void = { _ in }) throws {
        var configuration = ClusterConfiguration(redis: try RedisConfiguration(url: server.url), nodeID: id)
        configuration.redis.maximumReconnectDelay = .milliseconds(100)
        configuration.redis.pingInterval = .milliseconds(200)
        configuration.heartbeatInterval = .milliseconds(100)
        configuration.heartbeatExpiry = .seconds(5)
        configure(&configuration)
        node = ClusterNode(
            configuration: configuration,
            member: member,
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
    }

    @discardableResult
    func publish(_ draft: Draft, to topic: String) async throws -> ClusterReceipt {
        try await node.publish(draft, to: name(topic), class: member.topicClass)
    }
}

/// Runs nodes for the time of the body.
func withNodes(_ nodes: [TestNode], body: @Sendable () async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
        for node in nodes { group.addTask { await node.node.run() } }
        defer { group.cancelAll() }
        try await body()
    }
}

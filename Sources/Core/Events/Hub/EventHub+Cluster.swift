public import Logging
public import NIOCore
import Synchronization

/// The hub as one of several nodes.
extension EventHub {
    /// Joins this hub with those of other nodes. To be called once, before anybody publishes; `run` keeps it joined.
    public func join(_ configuration: ClusterConfiguration, eventLoopGroup: any EventLoopGroup, logger: Logger) {
        precondition(!blueprint.hasDurableClass, "in a cluster Redis keeps the topics, none can be durable")
        let node = ClusterNode(
            configuration: configuration,
            member: self,
            eventLoopGroup: eventLoopGroup,
            logger: logger
        )
        cluster.withLock { $0.node = node }
    }

    /// Whether the hub is one with those of other nodes.
    public var clusterHealth: ClusterHealth { get async { await node?.health ?? .standalone } }

    /// Returns when the other nodes have been told everything, or cannot be told; at the latest after two seconds.
    public func informCluster() async { await node?.flush(within: .seconds(2)) }

    var node: ClusterNode? { cluster.withLock { $0.node } }

    /// Whether what other nodes know of a topic has to be asked for before anything is said about it.
    public func mustOpen(_ topic: TopicName) -> Bool {
        cluster.withLock { $0.isConnected && !$0.known.contains(topic) }
    }

    /// Asks for what other nodes know of a topic, and returns when it is known, or when they cannot be asked.
    public func open(_ topic: TopicName) async {
        guard mustOpen(topic) else { return }
        await node?.open(topic)
    }

    /// Asks for what other nodes know of a topic, and calls `completion`, on any thread, when it is known, or when they
    /// cannot be asked.
    public func open(_ topic: TopicName, completion: @escaping @Sendable () -> Void) {
        guard mustOpen(topic), let node else { return completion() }
        node.open(topic, completion: completion)
    }

    /// Topics are not in use any more.
    func forget(_ topics: [TopicName]) {
        guard !topics.isEmpty, let node else { return }
        cluster.withLock { $0.known.subtract(topics) }
        topics.forEach(node.forget)
    }

    /// Publishes through the cluster. The report is of this node's subscriptions.
    func submit(
        _ draft: Draft,
        to topic: TopicName,
        through node: ClusterNode,
        report: (@Sendable (DeliveryReport) -> Void)?,
        completion: @escaping @Sendable (Result<Receipt, PublishError>) -> Void
    ) {
        node.publish(draft, to: topic, class: topicClass(of: topic)) { [self] result in
            switch result {
            case .success(.published(let position)):
                let targeted = state.withLock { state in
                    state.table.statistics.published += 1
                    return state.audience(of: topic).targeted
                }
                report?(DeliveryReport(targeted: targeted, queued: targeted, dropped: 0))
                completion(.success(Receipt(position: position, targeted: targeted, isDuplicate: false)))
            case .success(.duplicate(let position)):
                state.withLock { $0.table.statistics.duplicates += 1 }
                completion(.success(Receipt(position: position, targeted: 0, isDuplicate: true)))
            case .success(.stateFull(let limit)): completion(.failure(.stateFull(limit)))
            case .failure(.busy): completion(.failure(.busy))
            case .failure(.tooLarge(let limit)): completion(.failure(.tooLarge(limit: limit)))
            case .failure(.stopped): completion(.failure(.stopped))
            }
        }
    }
}

/// What a hub knows of its cluster.
struct ClusterMembership {
    var node: ClusterNode?
    /// Whether the other nodes can be asked.
    var isConnected = false
    /// The topics that this node follows as the others have them.
    var known: Set<TopicName> = []
}

extension EventHub: ClusterMember {
    /// Takes the next publication of a topic in and gives it to the subscribers.
    public func deliver(_ publication: Publication, epoch: String, topic: TopicName) {
        let envelope = Envelope.encode(
            type: publication.type,
            data: publication.data,
            timestamp: publication.timestamp
        )
        let sent = state.withLock { state -> Sent? in
            guard take(publication, epoch, topic, &state) else { return nil }
            return send(publication, envelope, to: topic, nil, &state)
        }
        _ = sent?.finish()
    }

    /// Takes the next publication of a topic in without giving it to the subscribers.
    public func absorb(_ publication: Publication, epoch: String, topic: TopicName) {
        state.withLock { _ = take(publication, epoch, topic, &$0) }
    }

    private func take(
        _ publication: Publication,
        _ epoch: String,
        _ topic: TopicName,
        _ state: inout HubState
    ) -> Bool {
        let result = try? state.table.update(topic, now: .now) { topic in
            // A topic that was removed here while nobody used it goes on where the others are.
            if topic.position.epoch != epoch || topic.position.offset + 1 < publication.offset {
                topic.restart(at: Position(epoch: epoch, offset: publication.offset - 1))
            }
            return topic.apply(publication, epoch: epoch, now: .now)
        }
        return result == .applied
    }

    /// Gives up what a topic holds and goes on with this.
    public func restart(_ topic: TopicName, with content: ClusterContent) {
        // A topic for which there is no room is not remembered: it is asked for again when somebody needs it.
        let isTaken = state.withLock { state in
            let taken: Void? = try? state.table.update(topic, now: .now) { topic in
                let first = content.history.first.map { $0.offset - 1 } ?? content.position.offset
                topic.restart(
                    at: Position(epoch: content.position.epoch, offset: first),
                    state: content.state ?? topic.snapshot().entries
                )
                for publication in content.history {
                    _ = topic.apply(publication, epoch: content.position.epoch, now: .now)
                }
            }
            return taken != nil
        }
        cluster.withLock { membership in
            if isTaken { membership.known.insert(topic) } else { membership.known.remove(topic) }
        }
    }

    /// A member that another node holds came or went.
    public func presenceChanged(_ topic: TopicName, change: PresenceChange) {
        state.withLock { state in
            switch change {
            case .none: break
            case .joined(let member):
                tell(state.presence[topic, default: PresenceSet()].join(member), in: topic, &state)
            case .left(let member):
                guard let left = state.presence[topic]?.leave(member.id) else { return }
                if state.presence[topic]?.isEmpty == true { state.presence[topic] = nil }
                tell(left, in: topic, &state)
            }
        }
    }

    /// The connection to the other nodes was made or lost.
    public func healthChanged(_ health: ClusterHealth) {
        cluster.withLock { $0.isConnected = health == .connected }
    }
}

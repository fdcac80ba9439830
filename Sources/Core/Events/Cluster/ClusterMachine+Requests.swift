extension ClusterMachine {
    /// What the shell is to do.
    enum Action {
        case deliver(Publication, epoch: String, topic: TopicName)
        case absorb(Publication, epoch: String, topic: TopicName)
        case restart(TopicName, ClusterContent)
        case presence(TopicName, PresenceChange)
        case health(ClusterHealth)
        case complete(Outbox.Completion, Result<ClusterReceipt, ClusterError>)
        case opened(@Sendable () -> Void)
    }

    /// What is asked of Redis.
    enum Request {
        case fetch(TopicName, TopicCursor.Fetch)
        /// `previous` is the sequence of the publication before it in the same batch.
        case publish(sequence: UInt64, previous: UInt64?, Outbox.Entry)
        case join(PresenceMirror.Seat, name: String?, version: UInt64)
        case leave(PresenceMirror.Seat, version: UInt64)
        case load(node: String)
        case register(version: UInt64, members: [PresenceMirror.Seat: String?])
        case heartbeat

        /// Whether it asks what Redis holds of a topic.
        var isFetch: Bool {
            if case .fetch = self { return true }
            return false
        }
    }

    /// What Redis did with a publication.
    enum PublishOutcome {
        case published(Position)
        case repeated
        case duplicate(of: Position)
        case stateFull(StateLimit)
        /// It was not carried out and is to be sent again.
        case undone
    }
}

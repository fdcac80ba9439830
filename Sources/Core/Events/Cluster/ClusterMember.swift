/// What a cluster moves: the topics and subscribers of one node.
///
/// All methods are called on the event loop of the ``ClusterNode``, in order; they must not block and must not wait for
/// the cluster.
public protocol ClusterMember: Sendable {
    /// Takes the next publication of a topic in and gives it to the subscribers. It follows the last one, and is of the
    /// same epoch, unless a `restart` came between.
    func deliver(_ publication: Publication, epoch: String, topic: TopicName)
    /// Takes the next publication of a topic in without giving it to the subscribers, who have it already.
    func absorb(_ publication: Publication, epoch: String, topic: TopicName)
    /// Gives up what the topic holds and goes on with this. Nothing of it is given to the subscribers.
    func restart(_ topic: TopicName, with content: ClusterContent)
    /// A member that another node holds came or went.
    func presenceChanged(_ topic: TopicName, change: PresenceChange)
    /// The connection to the other nodes was made or lost.
    func healthChanged(_ health: ClusterHealth)
}

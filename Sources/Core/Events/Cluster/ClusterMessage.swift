import NIOCore

/// What nodes tell each other over the channel of the cluster.
enum ClusterMessage: Equatable {
    /// A publication of a topic.
    case published(ClusterPublication, epoch: String, topic: TopicName)
    /// A member came; `version` is the number of this change on its node.
    case joined(Member, node: String, topic: TopicName, version: UInt64)
    /// A member went.
    case left(id: String, node: String, topic: TopicName, version: UInt64)
    /// A node told anew who its members are.
    case registered(node: String)
    /// A node is gone with all its members.
    case gone(node: String)

    /// Reads a message; nil when it is none.
    init?(_ bytes: ByteBuffer) {
        var bytes = bytes
        guard let kind = bytes.readField() else { return nil }
        switch kind {
        case "p":
            guard let epoch = bytes.readField(), !epoch.isEmpty,
                let topic = bytes.readField().flatMap({ try? TopicName($0) }),
                let publication = ClusterCoding.entry(bytes)
            else { return nil }
            self = .published(publication, epoch: epoch, topic: topic)
        case "j", "l":
            guard let node = bytes.readField(), let version = bytes.readField().flatMap(UInt64.init),
                let seat = bytes.readField().flatMap({ try? TopicName($0) }), let id = bytes.readField()
            else { return nil }
            if kind == "l" {
                self = .left(id: id, node: node, topic: seat, version: version)
            } else {
                let member = Member(id: id, name: Self.name(String(buffer: bytes)), node: node)
                self = .joined(member, node: node, topic: seat, version: version)
            }
        case "r": self = .registered(node: String(buffer: bytes))
        case "d": self = .gone(node: String(buffer: bytes))
        default: return nil
        }
    }

    /// A name as it is written, marked so that no name and an empty one differ.
    static func written(_ name: String?) -> String { name.map { "+" + $0 } ?? "-" }

    /// The name that was written.
    static func name(_ written: String) -> String? {
        written.hasPrefix("+") ? String(written.dropFirst()) : nil
    }
}

/// Who is present on the topics of a cluster, as far as one node knows: its own members, and those of the other nodes.
struct PresenceMirror {
    /// One member on one topic.
    struct Seat: Hashable {
        let topic: TopicName
        let id: String
    }

    enum Action: Equatable {
        /// The subscribers of this node are told.
        case change(TopicName, PresenceChange)
        /// The members of this node are to be fetched.
        case load(node: String)
        /// The others took this node for gone and are to be told of its members anew.
        case register
    }

    private struct Remote {
        var version: UInt64 = 0
        /// The latest change that was heard of while the members were being fetched.
        var heard: UInt64 = 0
        var isLoading = false
        /// Whether the node told its members anew while they were being fetched.
        var isOutdated = false
        var members: [Seat: Member] = [:]
    }

    private let node: String
    /// The number of the last change of this node's members.
    private(set) var version: UInt64 = 0
    /// The names of this node's members.
    private(set) var own: [Seat: String?] = [:]
    private var others: [String: Remote] = [:]

    init(node: String) {
        self.node = node
    }

    // MARK: This node

    /// A member came here; returns the number of the change.
    mutating func join(_ member: Member, topic: TopicName) -> UInt64 {
        own[Seat(topic: topic, id: member.id)] = .some(member.name)
        version += 1
        return version
    }

    /// A member went here; returns the number of the change, nil when it was not present.
    mutating func leave(_ id: String, topic: TopicName) -> UInt64? {
        guard own.removeValue(forKey: Seat(topic: topic, id: id)) != nil else { return nil }
        version += 1
        return version
    }

    /// Everything is told anew; returns the number of the change.
    mutating func register() -> UInt64 {
        version += 1
        return version
    }

    // MARK: Other nodes

    /// Takes what a node told.
    mutating func received(_ message: ClusterMessage) -> [Action] {
        switch message {
        case .published: return []
        case .joined(let member, let node, let topic, let version):
            return change(node, version) { remote in
                let present = remote.members.updateValue(member, forKey: Seat(topic: topic, id: member.id))
                return present == nil ? .change(topic, .joined(member)) : nil
            }
        case .left(let id, let node, let topic, let version):
            return change(node, version) { remote in
                remote.members.removeValue(forKey: Seat(topic: topic, id: id)).map { .change(topic, .left($0)) }
            }
        case .registered(let node): return load(node)
        case .gone(let node):
            guard node != self.node else { return [.register] }
            return Self.left(others.removeValue(forKey: node)?.members ?? [:])
        }
    }

    private mutating func change(
        _ node: String,
        _ version: UInt64,
        _ body: (inout Remote) -> Action?
    ) -> [Action] {
        guard node != self.node else { return [] }
        var remote = others[node] ?? Remote()
        defer { others[node] = remote }
        remote.heard = max(remote.heard, version)
        guard !remote.isLoading, version > remote.version else { return [] }
        guard version == remote.version + 1 else {
            remote.isLoading = true
            return [.load(node: node)]
        }
        remote.version = version
        return body(&remote).map { [$0] } ?? []
    }

    /// Has the members of a node fetched.
    mutating func load(_ node: String) -> [Action] {
        guard node != self.node else { return [] }
        var remote = others[node] ?? Remote()
        defer { others[node] = remote }
        // A node that tells anew may have been restarted: what was heard before says nothing.
        remote.heard = 0
        remote.isOutdated = remote.isLoading
        guard !remote.isLoading else { return [] }
        remote.isLoading = true
        return [.load(node: node)]
    }

    /// The members of a node were fetched, with the number of their last change.
    mutating func loaded(_ node: String, version: UInt64, members: [Seat: Member]) -> [Action] {
        guard var remote = others[node], remote.isLoading else { return [] }
        var actions = Self.left(remote.members.filter { members[$0.key] == nil })
        for (seat, member) in members.sorted(by: { $0.key.order < $1.key.order }) where remote.members[seat] == nil {
            actions.append(.change(seat.topic, .joined(member)))
        }
        remote.members = members
        remote.version = version
        // What came meanwhile may not be in it.
        remote.isLoading = remote.heard > version || remote.isOutdated
        remote.isOutdated = false
        others[node] = members.isEmpty && version == 0 && !remote.isLoading ? nil : remote
        return remote.isLoading ? actions + [.load(node: node)] : actions
    }

    /// The connection is back; these nodes are there. Members of all others are gone.
    mutating func connected(nodes: Set<String>) -> [Action] {
        var actions: [Action] = []
        for node in others.keys.sorted() where !nodes.contains(node) {
            actions += Self.left(others.removeValue(forKey: node)?.members ?? [:])
        }
        for node in nodes.sorted() { actions += load(node) }
        return actions
    }

    /// The nodes whose members are being fetched.
    var unloaded: [String] { others.filter(\.value.isLoading).keys.sorted() }

    /// The connection is lost; what was being fetched does not come.
    mutating func disconnected() {
        for node in others.keys { others[node]?.isLoading = false }
    }

    private static func left(_ members: [Seat: Member]) -> [Action] {
        members.sorted { $0.key.order < $1.key.order }.map { .change($0.key.topic, .left($0.value)) }
    }
}

extension PresenceMirror.Seat {
    fileprivate var order: (String, String) { (topic.text, id) }
}

import NIOCore
import Redis

/// How requests are written as commands of Redis, and what the replies mean.
struct ClusterCommands {
    let configuration: ClusterConfiguration
    /// The digests of the scripts.
    let digests: [RedisScript: String]

    /// The channel on which all nodes listen.
    static func channel(_ configuration: ClusterConfiguration) -> String { configuration.prefix + "cluster" }

    private var channel: String { Self.channel(configuration) }
    private var node: String { configuration.nodeID }
    private var retention: Int { configuration.minimumRetention.milliseconds }

    private func key(_ kind: String, _ name: String) -> String { "\(configuration.prefix)\(kind):\(name)" }

    private func call(
        _ script: RedisScript,
        keys: [String],
        _ arguments: [RedisCommand.Argument]
    ) -> RedisCommand {
        RedisCommand(
            "EVALSHA",
            [.text(digests[script] ?? ""), .number(keys.count)] + keys.map(RedisCommand.Argument.text) + arguments
        )
    }

    // MARK: Greeting

    /// Asks for the generation of the data and for the nodes.
    var greeting: [RedisCommand] {
        let generation = configuration.prefix + "generation"
        return [
            RedisCommand("SET", .text(generation), .text(Position.randomEpoch()), "NX"),
            RedisCommand("GET", .text(generation)),
            heartbeat,
            RedisCommand("SMEMBERS", .text(configuration.prefix + "nodes")),
        ]
    }

    /// Reads the replies to the greeting; throws when they are not what they must be.
    static func greeted(_ replies: [RESPValue]) throws(RedisError) -> (generation: String, nodes: Set<String>) {
        for case .error(let message) in replies { throw .server(message) }
        guard replies.count == 4, let generation = replies[1].string, let nodes = replies[3].elements else {
            throw .badReply("Redis answered the greeting of a node with something else than expected.")
        }
        return (generation, Set(nodes.compactMap(\.string)))
    }

    private var heartbeat: RedisCommand {
        call(
            ClusterScripts.heartbeat,
            keys: [configuration.prefix + "nodes"],
            [
                .text(node), .number(configuration.heartbeatExpiry.milliseconds), .text(key("life", "")),
                .text(key("members", "")), .text(channel), .number(retention),
            ]
        )
    }

    // MARK: Requests

    /// The commands of a request, one or more.
    func commands(for request: ClusterMachine.Request) -> [RedisCommand] {
        switch request {
        case .fetch(let topic, let fetch):
            return [
                call(
                    ClusterScripts.fetch,
                    keys: [key("topic", topic.text), key("history", topic.text), key("state", topic.text)],
                    [
                        .text(fetch.since?.epoch ?? ""), .text(fetch.since.map { String($0.offset) } ?? "0"),
                        .text(Position.randomEpoch()), .number(configuration.pageBytes),
                        .text(String(fetch.last ?? 0)),
                    ]
                )
            ]
        case .publish(let sequence, let previous, let entry): return [publish(sequence, after: previous, entry)]
        case .join(let seat, let name, let version):
            return [
                call(
                    ClusterScripts.join,
                    keys: [key("members", node)],
                    [
                        .text(node), .text(String(version)), .text(seat.written), .text(ClusterMessage.written(name)),
                        .text(channel), .number(retention),
                    ]
                )
            ]
        case .leave(let seat, let version):
            return [
                call(
                    ClusterScripts.leave,
                    keys: [key("members", node)],
                    [.text(node), .text(String(version)), .text(seat.written), .text(channel), .number(retention)]
                )
            ]
        case .load(let other): return [RedisCommand("HGETALL", .text(key("members", other)))]
        case .register(let version, let members): return register(version, members)
        case .heartbeat: return [heartbeat]
        }
    }

    private func publish(_ sequence: UInt64, after previous: UInt64?, _ entry: Outbox.Entry) -> RedisCommand {
        let (draft, topic, limits) = (entry.draft, entry.topic.text, entry.topicClass)
        var keys = [key("topic", topic), key("history", topic), key("state", topic), key("sequence", node)]
        if let idempotencyKey = draft.idempotencyKey, limits.idempotencyKeys > 0 {
            // A line feed stands in no topic.
            keys.append(key("key", topic + "\n" + idempotencyKey))
        }
        return call(
            ClusterScripts.publish,
            keys: keys,
            [
                .text(node), .text(String(sequence)), .text(Position.randomEpoch()), .text(topic),
                .bytes(ClusterCoding.body(of: draft)), .text(draft.stateKey ?? ""), draft.isRemoval ? 1 : 0,
                .number(limits.historyCount), .number(limits.historyBytes),
                .number(max(1, limits.historyAge.milliseconds)), .number(max(retention, limits.retention.milliseconds)),
                .number(max(1, limits.idempotencyAge.milliseconds)), limits.keepsState ? 1 : 0,
                .number(limits.stateEntries), .number(limits.stateBytes), .number(retention), .text(channel),
                .text(String(previous ?? 0)),
            ]
        )
    }

    private func register(_ version: UInt64, _ members: [PresenceMirror.Seat: String?]) -> [RedisCommand] {
        let name = RedisCommand.Argument.text(key("members", node))
        // In one step, or other nodes would see some of the members leave.
        var commands = [
            RedisCommand("MULTI"), RedisCommand("DEL", name), RedisCommand("HSET", name, "", .text(String(version))),
        ]
        let seats = Array(members)
        for start in stride(from: 0, to: seats.count, by: 500) {
            let part = seats[start..<min(start + 500, seats.count)]
            commands.append(
                RedisCommand(
                    "HSET",
                    [name] + part.flatMap { [.text($0.key.written), .text(ClusterMessage.written($0.value))] }
                )
            )
        }
        commands.append(RedisCommand("PEXPIRE", name, .number(retention)))
        commands.append(RedisCommand("PUBLISH", .text(channel), .text("r\n" + node)))
        commands.append(RedisCommand("EXEC"))
        return commands
    }

    // MARK: Replies

    /// What Redis did with a publication; nil when the reply is no answer.
    static func outcome(_ reply: RESPValue, of entry: Outbox.Entry) -> ClusterMachine.PublishOutcome? {
        guard let parts = reply.elements, let kind = parts.first?.string else { return nil }
        switch kind {
        case "repeated": return .repeated
        case "early": return .undone
        case "entries": return .stateFull(.entries(entry.topicClass.stateEntries))
        case "bytes": return .stateFull(.bytes(entry.topicClass.stateBytes))
        default:
            guard parts.count == 3, let epoch = parts[1].string, let offset = parts[2].string.flatMap(UInt64.init)
            else { return nil }
            let position = Position(epoch: epoch, offset: offset)
            return kind == "published" ? .published(position) : .duplicate(of: position)
        }
    }

    /// A page of what Redis holds of a topic; nil when the reply is no answer, an inner nil when the topic is not known.
    static func content(_ reply: RESPValue) -> TopicCursor.Content?? {
        guard let parts = reply.elements else { return nil }
        guard !parts.isEmpty else { return .some(nil) }
        guard parts.count == 6, let epoch = parts[0].string, let offset = parts[1].string.flatMap(UInt64.init),
            let entries = parts[3].elements, let state = parts[4].elements,
            let first = parts[5].string.flatMap(UInt64.init)
        else { return nil }
        let history = entries.compactMap { $0.bytes.flatMap(ClusterCoding.entry) }
        return TopicCursor.Content(
            position: Position(epoch: epoch, offset: offset),
            isComplete: parts[2].integer == 1,
            history: history,
            state: state.compactMap { $0.bytes.flatMap(ClusterCoding.entry)?.publication },
            hasMore: history.first.map { $0.publication.offset > first } ?? false
        )
    }

    /// The members of a node with the number of their last change; nil when the reply is no answer.
    static func members(_ reply: RESPValue, of node: String) -> (UInt64, [PresenceMirror.Seat: Member])? {
        guard let parts = reply.elements else { return nil }
        var version: UInt64 = 0
        var members: [PresenceMirror.Seat: Member] = [:]
        for index in stride(from: 0, to: parts.count - 1, by: 2) {
            guard let field = parts[index].string, let value = parts[index + 1].string else { continue }
            if field.isEmpty {
                version = UInt64(value) ?? 0
            } else if let seat = PresenceMirror.Seat(written: field) {
                members[seat] = Member(id: seat.id, name: ClusterMessage.name(value), node: node)
            }
        }
        return (version, members)
    }
}

extension PresenceMirror.Seat {
    /// The topic, a line feed, the identifier.
    fileprivate var written: String { topic.text + "\n" + id }

    fileprivate init?(written: String) {
        let parts = written.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let topic = try? TopicName(String(parts[0])) else { return nil }
        self.init(topic: topic, id: String(parts[1]))
    }
}

extension Duration {
    /// Whole milliseconds, at most a hundred years.
    fileprivate var milliseconds: Int {
        let (seconds, attoseconds) = components
        return Int(min(max(0, seconds), 3_155_760_000)) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
    }
}

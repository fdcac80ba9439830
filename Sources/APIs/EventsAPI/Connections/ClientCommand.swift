import Events
import NIOCore

/// What a client asks for, read from one of its messages.
enum ClientCommand {
    case ping
    case pong
    case subscribe(SubscriptionRequest, topic: String, saidChannel: Bool, wantsPosition: Bool)
    case unsubscribe(TopicPattern, topic: String, saidChannel: Bool)
    case publish(Draft, TopicName, wantsReply: Bool)
    case presence(TopicName)
    case history(TopicName, since: Position?, limit: Int)
    /// Something for the handlers of this type.
    case other(EventType)

    /// Reads a message. Throws `ClientMistake`.
    init(_ text: ByteBuffer) throws(ClientMistake) {
        let message: JSONObjectReader
        do {
            message = try JSONObjectReader(text)
        } catch {
            throw ClientMistake(error)
        }
        let type: String
        switch message.kind(of: "type") {
        case nil: type = EventType.custom.rawValue
        case .string: type = message.string("type") ?? ""
        default: throw .unknownType(nil)
        }
        switch type {
        case "ping": self = .ping
        case "pong": self = .pong
        case "subscribe": self = try Self.subscribe(message)
        case "unsubscribe":
            let (topic, saidChannel) = try Self.topic(in: message)
            self = .unsubscribe(try Self.pattern(topic), topic: topic, saidChannel: saidChannel)
        case "publish": self = try Self.publish(message)
        case "presence": self = .presence(try Self.name(Self.topic(in: message).text))
        case "history":
            self = .history(
                try Self.name(Self.topic(in: message).text),
                since: try Self.since(message),
                limit: try Self.limit(message)
            )
        default:
            let known = EventType(rawValue: type)
            guard EventType.known.contains(known) else { throw .unknownType(type) }
            self = .other(known)
        }
    }

    /// The topic that must be known as other nodes know it before the command is obeyed.
    var topicToOpen: TopicName? {
        switch self {
        case .subscribe(let request, _, _, _):
            if case .exact(let topic) = request.pattern { topic } else { nil }
        case .history(let topic, _, _): topic
        default: nil
        }
    }

    private static func subscribe(_ message: JSONObjectReader) throws(ClientMistake) -> ClientCommand {
        let (topic, saidChannel) = try topic(in: message)
        var request = SubscriptionRequest(try pattern(topic))
        request.since = try since(message)
        let wantsRecovery = try flag("recover", in: message)
        let wantsPosition = wantsRecovery || request.since != nil
        request.wantsState = try flag("state", in: message)
        // Changes of the state say which entry they are of only together with their position.
        request.isPositioned = wantsPosition || request.wantsState
        request.wantsPresence = try flag("presence", in: message)
        if request.wantsState || request.wantsPresence {
            guard case .exact = request.pattern else {
                throw .invalidData("Only a single topic has state and presence, not a pattern.")
            }
        }
        if let kind = message.kind(of: "filter"), kind != .null {
            request.filter = try filter(message)
        }
        if request.wantsState, request.filter != nil {
            throw .invalidData(
                "state and filter do not go together: changes that the filter leaves out would be missing."
            )
        }
        return .subscribe(request, topic: topic, saidChannel: saidChannel, wantsPosition: wantsPosition)
    }

    private static func filter(_ message: JSONObjectReader) throws(ClientMistake) -> Filter {
        let filter: Filter
        do {
            guard let object = try message.reader("filter") else {
                throw ClientMistake.invalidData("filter must be an object.")
            }
            filter = try Filter(object)
        } catch let error as ClientMistake {
            throw error
        } catch {
            throw .invalidData("filter: \(error)")
        }
        if let unknown = filter.types?.sorted().first(where: { !EventType.known.contains(EventType(rawValue: $0)) }) {
            throw .invalidData("filter: there are no messages of type '\(unknown)'.")
        }
        return filter
    }

    private static func flag(
        _ key: String,
        in message: JSONObjectReader,
        default standard: Bool = false
    ) throws(ClientMistake) -> Bool {
        switch message.kind(of: key) {
        case nil, .null: return standard
        case .bool: return message.bool(key) == true
        default: throw .invalidData("\(key) must be true or false.")
        }
    }

    private static func limit(_ message: JSONObjectReader) throws(ClientMistake) -> Int {
        guard let kind = message.kind(of: "limit"), kind != .null else { return 100 }
        guard let limit = message.unsigned("limit") else { throw .invalidData("limit must be a whole number from 0.") }
        return min(Int(clamping: limit), 1000)
    }

    private static func publish(_ message: JSONObjectReader) throws(ClientMistake) -> ClientCommand {
        let topic = try name(topic(in: message).text)
        let type = try EventType("message_type", in: message)
        return .publish(
            try Draft(type: type, in: message),
            topic,
            wantsReply: try flag("ack", in: message, default: true)
        )
    }

    private static func topic(in message: JSONObjectReader) throws(ClientMistake) -> (text: String, saidChannel: Bool) {
        for (key, isChannel) in [("topic", false), ("channel", true)] {
            switch message.kind(of: key) {
            case nil, .null: continue
            case .string:
                if let topic = message.string(key), !topic.isEmpty { return (topic, isChannel) }
            default: throw .invalidTopic("\(key) must be a string.")
            }
        }
        throw .missingTopic
    }

    private static func pattern(_ text: String) throws(ClientMistake) -> TopicPattern {
        do { return try TopicPattern(text) } catch { throw .invalidTopic(error.description) }
    }

    private static func name(_ text: String) throws(ClientMistake) -> TopicName {
        do { return try TopicName(text) } catch { throw .invalidTopic(error.description) }
    }

    private static func since(_ message: JSONObjectReader) throws(ClientMistake) -> Position? {
        guard let kind = message.kind(of: "since"), kind != .null else { return nil }
        let since = try? message.reader("since")
        guard let since, let epoch = since.string("epoch"), let offset = since.unsigned("offset") else {
            throw .invalidData("since must be an object with epoch and offset.")
        }
        return Position(epoch: epoch, offset: offset)
    }
}

extension EventType {
    /// What publishers may say; the others are the server's own words.
    static let published = known.subtracting([.connectionEstablished, .connectionClosed, .ping, .pong])

    /// Reads the type of what is published: one of those that are known, `custom` unless told. Throws `ClientMistake`.
    init(_ key: String, in message: JSONObjectReader) throws(ClientMistake) {
        switch message.kind(of: key) {
        case nil: self = .custom
        case .string: self.init(rawValue: message.string(key) ?? "")
        default: throw .unknownType(nil)
        }
        guard EventType.known.contains(self) else { throw .unknownType(rawValue) }
        // These are the server's own words, by which clients know what becomes of their connection.
        guard Self.published.contains(self) else {
            throw .invalidData("Messages of type \(rawValue) come from the server only.")
        }
    }
}

extension Draft {
    /// Reads what is published: `data`, and the keys that say how. Throws `ClientMistake`.
    init(type: EventType, in message: JSONObjectReader) throws(ClientMistake) {
        let data: ByteBuffer
        switch message.kind(of: "data") {
        case nil: data = ByteBuffer(string: "{}")
        case .object: data = message.object("data").map(JSONText.compact) ?? ByteBuffer(string: "{}")
        default: throw .invalidData("data must be an object.")
        }
        for key in ["key", "state_key"] {
            if let kind = message.kind(of: key), kind != .string, kind != .null {
                throw .invalidData("\(key) must be a string.")
            }
        }
        if let kind = message.kind(of: "remove"), kind != .bool, kind != .null {
            throw .invalidData("remove must be true or false.")
        }
        self.init(
            type: type.rawValue,
            data: data,
            idempotencyKey: message.string("key"),
            stateKey: message.string("state_key"),
            isRemoval: message.bool("remove") == true
        )
    }
}

import NIOCore

/// The order of things on one connection: greeting, commands with their replies in order, deadlines, messages.
///
/// `Ticket` stands for who waits. A request whose deadline has passed keeps its place until its replies have come, so
/// that later replies still reach the right requests.
struct RedisConnectionMachine<Ticket> {
    enum ReceiveAction {
        case none
        case send(RedisCommand)
        case ready
        case reply(Ticket, [RESPValue])
        case message(channel: String, payload: ByteBuffer)
        case close(RedisError)
    }

    struct Expiry {
        /// Who waited too long, and for which command.
        var late: [(ticket: Ticket, command: String)] = []
        /// Set when the server gave no sign of life.
        var isUnresponsive = false
        /// When to look again.
        var next: NIODeadline?
    }

    private struct Request {
        var ticket: Ticket?
        let command: String
        let count: Int
        let bytes: Int
        let deadline: NIODeadline
        let isPing: Bool
        var replies: [RESPValue] = []
    }

    private enum Phase {
        case greeting(RedisHandshake)
        case ready
        case closed
    }

    private var phase: Phase
    private let isSubscriber: Bool
    private let maximumCommands: Int
    private let maximumBytes: Int
    private var requests = CircularBuffer<Request>()
    private(set) var commandsInFlight = 0
    private(set) var bytesInFlight = 0

    init(configuration: RedisConfiguration, isSubscriber: Bool) {
        phase = .greeting(RedisHandshake(configuration))
        self.isSubscriber = isSubscriber
        maximumCommands = configuration.maximumCommandsInFlight
        maximumBytes = configuration.maximumBytesInFlight
    }

    /// The connection is open; returns the first command to write.
    func opened() -> RedisCommand? {
        guard case .greeting(let handshake) = phase else { return nil }
        return handshake.start()
    }

    /// Admits commands that are about to be written and that get `count` replies together.
    mutating func request(
        _ ticket: Ticket,
        command: String,
        count: Int,
        bytes: Int,
        deadline: NIODeadline
    ) throws(RedisError) {
        guard case .ready = phase else { throw .notConnected }
        guard commandsInFlight + count <= maximumCommands else { throw .busy(limit: maximumCommands) }
        guard bytesInFlight + bytes <= maximumBytes else { throw .busy(limit: maximumBytes) }
        append(Request(ticket: ticket, command: command, count: count, bytes: bytes, deadline: deadline, isPing: false))
    }

    /// Admits a request for a sign of life that is about to be written; false if it must not be.
    mutating func ping(deadline: NIODeadline) -> Bool {
        guard case .ready = phase else { return false }
        append(Request(ticket: nil, command: "PING", count: 1, bytes: 0, deadline: deadline, isPing: true))
        return true
    }

    private mutating func append(_ request: Request) {
        commandsInFlight += request.count
        bytesInFlight += request.bytes
        requests.append(request)
    }

    /// Takes a value that the server sent.
    mutating func received(_ value: RESPValue) -> ReceiveAction {
        switch phase {
        case .closed: return .none
        case .greeting(var handshake):
            let action = handshake.received(value)
            phase = .greeting(handshake)
            switch action {
            case .send(let command): return .send(command)
            case .fail(let error): return .close(error)
            case .done:
                phase = .ready
                return .ready
            }
        case .ready: return receivedWhenReady(value)
        }
    }

    private mutating func receivedWhenReady(_ value: RESPValue) -> ReceiveAction {
        switch value {
        case .push(let items):
            if let message = Self.message(items) { return message }
            // Confirmations of subscriptions are replies that come as pushes; other kinds were not asked for.
            guard Self.isConfirmation(items) else { return .none }
        case .array(let items) where isSubscriber:
            if let message = Self.message(items) { return message }
        default: break
        }
        guard !requests.isEmpty else {
            return .close(.badReply("Redis sent a reply that answers no command: is something between it and us?"))
        }
        requests[requests.startIndex].replies.append(value)
        let first = requests[requests.startIndex]
        // A refused subscription to several channels is one error instead of one confirmation each.
        var isRefused = false
        if isSubscriber, case .error = value { isRefused = true }
        guard first.replies.count == first.count || isRefused else { return .none }
        requests.removeFirst()
        commandsInFlight -= first.count
        bytesInFlight -= first.bytes
        return first.ticket.map { .reply($0, first.replies) } ?? .none
    }

    private static func message(_ items: [RESPValue]) -> ReceiveAction? {
        guard items.count == 3, items[0].isText("message"), let channel = items[1].string, let payload = items[2].bytes
        else { return nil }
        return .message(channel: channel, payload: payload)
    }

    private static func isConfirmation(_ items: [RESPValue]) -> Bool {
        items.first.map { $0.isText("subscribe") || $0.isText("unsubscribe") } ?? false
    }

    /// Gives up on requests whose deadline has passed.
    mutating func expire(now: NIODeadline) -> Expiry {
        var expiry = Expiry()
        for index in requests.indices {
            guard requests[index].deadline <= now else {
                expiry.next = min(expiry.next ?? requests[index].deadline, requests[index].deadline)
                continue
            }
            if requests[index].isPing { expiry.isUnresponsive = true }
            if let ticket = requests[index].ticket {
                expiry.late.append((ticket, requests[index].command))
                requests[index].ticket = nil
            }
        }
        return expiry
    }

    /// The connection is gone; returns everybody who still waits.
    mutating func closed() -> [Ticket] {
        phase = .closed
        defer { requests.removeAll() }
        commandsInFlight = 0
        bytesInFlight = 0
        return requests.compactMap(\.ticket)
    }
}

extension RESPValue {
    fileprivate func isText(_ text: StaticString) -> Bool {
        switch self {
        case .bulk(let bytes):
            text.withUTF8Buffer { bytes.readableBytesView.elementsEqual($0) }
        case .simple(let simple):
            text.withUTF8Buffer { simple.utf8.elementsEqual($0) }
        default: false
        }
    }
}

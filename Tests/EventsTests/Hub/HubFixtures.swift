import Logging
import NIOCore
import NIOPosix
import Synchronization
import TestRedis
import TestWebSocket
import Testing
import WebSocket

@testable import Events

extension EventHub {
    /// A hub whose topics have one class.
    static func sample(
        _ topicClass: TopicClass = TopicClass(),
        maximumTopics: Int = 1000,
        loops: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        log: (any DurableLog)? = nil,
        observer: (any HubObserver)? = nil
    ) -> EventHub {
        EventHub(
            table: TopicTable(defaultClass: topicClass, limits: TopicLimits(topics: maximumTopics)),
            eventLoopGroup: loops,
            log: log,
            observer: observer
        )
    }

    /// The receipt of a published draft; throws what publishing throws, without a type of its own.
    func receipt(_ draft: Draft, to topic: TopicName) async throws -> Receipt { try await publish(draft, to: topic) }

    /// Does the hub's work for the time of the body, and returns when all is stored.
    func running(cleanupInterval: Duration = .seconds(3600), body: () async throws -> Void) async throws {
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask { await self.run(cleanupInterval: cleanupInterval, logger: logger) }
            defer { group.cancelAll() }
            try await body()
        }
    }
}

extension SubscriptionRequest {
    /// A request for a topic or pattern.
    static func to(_ pattern: String, _ change: (inout SubscriptionRequest) -> Void = { _ in }) -> SubscriptionRequest {
        do {
            var request = SubscriptionRequest(try TopicPattern(pattern))
            change(&request)
            return request
        } catch { preconditionFailure("\(error)") }
    }
}

extension EventSubscription {
    /// The next so many events.
    func next(_ count: Int) async -> [Event] {
        var events: [Event] = []
        var iterator = makeAsyncIterator()
        while events.count < count, let event = await iterator.next() { events.append(event) }
        return events
    }
}

extension Event {
    /// The number of a sample.
    var number: Int { (try? JSONObjectReader(data).integer("n")).flatMap { Int($0) } ?? -1 }
}

/// A message as a client reads it.
struct Message: Sendable, Equatable {
    let number: Int?
    let offset: UInt64?
    /// Whether somebody came or went, and who, if it tells of that.
    let presence: String?
    let member: String?

    init(_ message: WebSocketMessage) throws {
        let reader = try JSONObjectReader(message.payload)
        offset = reader.unsigned("offset")
        let data = try reader.reader("data")
        number = data?.integer("n").map { Int($0) }
        presence = data?.string("type")
        member = try data?.reader("member")?.string("connection_id")
    }
}

/// A client of a hub: what it reads, and its subscriber in the hub.
struct HubClient: Sendable {
    let stream: WebSocketStream
    let socket: ServerSocket
    let subscriber: NIOLoopBoundBox<Subscriber?>
    let id: ConnectionID

    /// Uses the subscriber on its loop.
    func run<Result: Sendable>(
        _ body: @escaping @Sendable (Subscriber) throws -> Result
    ) async throws -> Result {
        try await socket.run { [subscriber] _ in
            guard let subscriber = subscriber.value else { throw ServerSocket.Gone() }
            return try body(subscriber)
        }
    }

    /// Subscribes, and sends what was missed as the events API does.
    @discardableResult
    func subscribe(_ hub: EventHub, _ request: SubscriptionRequest, name: String? = nil) async throws
        -> EventHub.Beginning
    {
        try await run { subscriber in
            let member = Member(id: subscriber.id.description, name: name)
            let beginning = try hub.subscribe(subscriber, request, as: member)
            if case .exact(let topic) = request.pattern, let recovery = beginning.recovery {
                subscriber.answer(
                    recovery.publications.map { Envelope.encode($0, topic: topic, epoch: recovery.position.epoch) }
                )
            }
            return beginning
        }
    }

    /// Reads the next so many messages.
    func next(_ count: Int = 1) async throws -> [Message] {
        var messages: [Message] = []
        var iterator = stream.makeAsyncIterator()
        while messages.count < count, let message = await iterator.next() { messages.append(try Message(message)) }
        return messages
    }

    /// All that was sent to it so far. The hub has to answer: what it sent before comes before.
    func all(_ hub: EventHub) async throws -> [Message] {
        try await run { subscriber in
            hub.deliverNow(to: subscriber)
            subscriber.answer(Envelope.custom { $0.member("n", -1) })
        }
        var messages: [Message] = []
        for await message in stream {
            messages.append(try Message(message))
            if messages.last?.number == -1 { break }
        }
        return messages.dropLast()
    }
}

/// What a hub's server knows of a connection.
private final class HubDelegate: WebSocketDelegate {
    let hub: EventHub
    let entered: Recorder<HubClient.Entry>
    var entry: HubClient.Entry?

    init(hub: EventHub, entered: Recorder<HubClient.Entry>) {
        self.hub = hub
        self.entered = entered
    }

    func webSocketDidOpen(_ connection: WebSocketConnection) {
        let subscriber = Subscriber(id: ConnectionID(), connection: connection)
        hub.enter(subscriber)
        let entry = HubClient.Entry(
            socket: ServerSocket(connection),
            subscriber: NIOLoopBoundBox(subscriber, eventLoop: connection.eventLoop),
            id: subscriber.id
        )
        self.entry = entry
        entered.record(entry)
    }

    func webSocket(_ connection: WebSocketConnection, didReceive message: WebSocketMessage) {}

    func webSocketDidClose(_ connection: WebSocketConnection, code: CloseCode, reason: String) {
        if let subscriber = entry?.subscriber.value { hub.leave(subscriber) }
        entry?.subscriber.value = nil
        entry?.socket.events.record(.closed(code, reason))
    }
}

extension HubClient {
    /// A connection as the server sees it.
    struct Entry: Sendable {
        let socket: ServerSocket
        let subscriber: NIOLoopBoundBox<Subscriber?>
        let id: ConnectionID
    }
}

/// A hub that clients connect to. They stay connected as long as it is there.
final class HubServer {
    private let server: TestServer
    private let entered: Recorder<HubClient.Entry>
    private var streams: [WebSocketStream] = []

    init(server: TestServer, entered: Recorder<HubClient.Entry>) {
        self.server = server
        self.entered = entered
    }

    /// Connects another client, one at a time.
    func connect() async throws -> HubClient {
        let before = entered.elements.count
        let stream = try await WebSocketClient().connect(.init(server.url))
        streams.append(stream)
        let entries = await entered.wait(forCount: before + 1)
        guard entries.count > before else { throw CancellationError() }
        let entry = entries[before]
        return HubClient(stream: stream, socket: entry.socket, subscriber: entry.subscriber, id: entry.id)
    }
}

/// Lets clients connect to a hub for the time of the body.
func withHubServer(
    _ hub: EventHub,
    on loops: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
    queueBytes: Int = 1 << 20,
    sendBuffer: Int? = nil,
    body: (HubServer) async throws -> Void
) async throws {
    var options = WebSocketOptions()
    options.queueBytes = queueBytes
    let entered = Recorder<HubClient.Entry>()
    try await withTestServer(on: loops, options: options, sendBuffer: sendBuffer) { _ in
        HubDelegate(hub: hub, entered: entered)
    } body: { server in
        let server = HubServer(server: server, entered: entered)
        try await body(server)
        withExtendedLifetime(server) {}
    }
}

import DequeModule
import NIOCore

/// One node of a cluster: decides what is delivered, what is asked of Redis, and whether the node is on its own.
///
/// A value without clock, connection or lock. Each input may leave actions, taken by ``takeActions()``; requests to Redis
/// are taken by ``nextRequests(limit:)`` in the order in which they must be carried out.
struct ClusterMachine {
    private static let maximumPresenceRequests = 10_000
    /// Pages of topics that are asked for together: so many times `ClusterConfiguration.pageBytes` come in at once.
    private static let maximumFetches = 64

    private let configuration: ClusterConfiguration
    private let newEpoch: @Sendable () -> String
    private var outbox: Outbox
    private var cursors: [TopicName: TopicCursor] = [:]
    private var openings: [TopicName: [@Sendable () -> Void]] = [:]
    private var presence: PresenceMirror
    private var duplicates = DuplicateWindow(limit: 10_000)
    private var fetches: Deque<TopicName> = []
    private var control: Deque<Request> = []
    private var generation: String?
    private var degradedSince: ContinuousClock.Instant?
    private var isStopped = false
    /// Whether nothing more is published.
    private var isClosed = false
    private var actions: [Action] = []
    /// Counts the connections, so that what belongs to an earlier one is known.
    private(set) var link = 0

    /// A node that has not been connected yet.
    init(
        configuration: ClusterConfiguration,
        now: ContinuousClock.Instant,
        newEpoch: @escaping @Sendable () -> String = { Position.randomEpoch() }
    ) {
        self.configuration = configuration
        self.newEpoch = newEpoch
        outbox = Outbox(
            maximumCount: configuration.backlogCount,
            maximumBytes: configuration.backlogBytes,
            settleTime: configuration.settleTime
        )
        presence = PresenceMirror(node: configuration.nodeID)
        degradedSince = now
    }

    /// Whether publications go to Redis.
    var isConnected: Bool { degradedSince == nil && !isStopped }

    /// How the node is.
    var health: ClusterHealth {
        guard let degradedSince else { return .connected }
        return .degraded(since: degradedSince, backlog: outbox.backlog, dropped: outbox.dropped)
    }

    /// What is to be done, in order.
    mutating func takeActions() -> [Action] {
        defer { actions = [] }
        return actions
    }

    // MARK: The owner

    /// Publishes a draft.
    mutating func publish(
        _ draft: Draft,
        to topic: TopicName,
        class topicClass: TopicClass,
        now: ContinuousClock.Instant,
        completion: @escaping Outbox.Completion
    ) {
        guard !isStopped, !isClosed else { return actions.append(.complete(completion, .failure(.stopped))) }
        guard draft.data.readableBytes <= configuration.maximumMessageBytes else {
            let error = ClusterError.tooLarge(limit: configuration.maximumMessageBytes)
            return actions.append(.complete(completion, .failure(error)))
        }
        if isConnected {
            do {
                try outbox.append(draft, to: topic, class: topicClass, now: now, completion: completion)
            } catch {
                actions.append(.complete(completion, .failure(error)))
            }
            return
        }
        if let key = draft.idempotencyKey, let earlier = duplicates.position(of: "\(topic)\n\(key)", now: now) {
            return actions.append(.complete(completion, .success(.duplicate(of: earlier))))
        }
        let sequence = outbox.appendDelivered(draft, to: topic, class: topicClass)
        publishHere(draft, to: topic, sequence: sequence, completion: completion, now: now)
    }

    private mutating func publishHere(
        _ draft: Draft,
        to topic: TopicName,
        sequence: UInt64,
        completion: Outbox.Completion?,
        now: ContinuousClock.Instant
    ) {
        let origin = Origin(node: configuration.nodeID, sequence: sequence)
        let newEpoch = self.newEpoch
        let position = change(topic, now: now) { $0.publish(draft, origin: origin, newEpoch: newEpoch) }
        remember(draft, topic, at: position, now: now)
        if let completion { actions.append(.complete(completion, .success(.published(position)))) }
    }

    private mutating func remember(
        _ draft: Draft,
        _ topic: TopicName,
        at position: Position,
        now: ContinuousClock.Instant
    ) {
        if let key = draft.idempotencyKey { duplicates.remember("\(topic)\n\(key)", at: position, now: now) }
    }

    /// Has a topic loaded; `completion` is called when what Redis holds of it has been handed to the member, or when
    /// Redis is away.
    mutating func open(
        _ topic: TopicName,
        now: ContinuousClock.Instant,
        completion: @escaping @Sendable () -> Void
    ) {
        guard isConnected, cursors[topic]?.isLoaded != true else { return actions.append(.opened(completion)) }
        openings[topic, default: []].append(completion)
        change(topic, now: now) { ((), $0.fetch()) }
    }

    /// Forgets a topic that nobody here needs.
    mutating func forget(_ topic: TopicName) {
        guard openings[topic] == nil, cursors[topic]?.isLoaded == true else { return }
        cursors[topic] = nil
    }

    /// A member came to a topic here.
    mutating func join(_ member: Member, topic: TopicName) {
        let seat = PresenceMirror.Seat(topic: topic, id: member.id)
        enqueue(.join(seat, name: member.name, version: presence.join(member, topic: topic)))
    }

    /// A member went from a topic here.
    mutating func leave(_ id: String, topic: TopicName) {
        guard let version = presence.leave(id, topic: topic) else { return }
        enqueue(.leave(PresenceMirror.Seat(topic: topic, id: id), version: version))
    }

    /// Shows that the node lives.
    mutating func heartbeat() {
        enqueue(.heartbeat)
    }

    private mutating func enqueue(_ request: Request) {
        guard isConnected else { return }
        control.append(request)
        guard control.count > Self.maximumPresenceRequests else { return }
        // One registration says the same as many changes.
        control.removeAll()
        control.append(registration())
        for node in presence.unloaded { control.append(.load(node: node)) }
    }

    /// Takes nothing more that is published.
    mutating func close() { isClosed = true }

    /// The node stops; who waits is told. Returns how many publications of its own the other nodes never get.
    @discardableResult
    mutating func stop() -> Int {
        guard !isStopped else { return 0 }
        isStopped = true
        let lost = outbox.underWay
        actions += outbox.removeAll().map { .complete($0, .failure(.stopped)) }
        finishOpenings()
        return lost
    }

    // MARK: The connection

    /// Who of this node is present, told anew.
    private mutating func registration() -> Request {
        .register(version: presence.register(), members: presence.own)
    }

    /// Redis is back. The generation changes when Redis has lost its data.
    mutating func connected(generation: String, nodes: Set<String>, now: ContinuousClock.Instant) {
        link += 1
        degradedSince = nil
        outbox.resend(hasLostData: self.generation.map { $0 != generation } ?? false)
        self.generation = generation
        for topic in Array(cursors.keys) { change(topic, now: now) { ((), $0.fetch()) } }
        control.append(registration())
        take(presence.connected(nodes: nodes))
        actions.append(.health(health))
    }

    /// Redis is away.
    mutating func disconnected(now: ContinuousClock.Instant) {
        guard isConnected else { return }
        link += 1
        degradedSince = now
        fetches.removeAll()
        control.removeAll()
        presence.disconnected()
        for topic in Array(cursors.keys) { cursors[topic]?.disconnected() }
        finishOpenings()
        for (sequence, draft, topic, completion) in outbox.takeUndelivered() {
            publishHere(draft, to: topic, sequence: sequence, completion: completion, now: now)
        }
        actions.append(.health(health))
    }

    /// Whether Redis has nothing more to be told, or cannot be told.
    var isQuiet: Bool { !isConnected || (control.isEmpty && fetches.isEmpty && outbox.underWay == 0) }

    private mutating func finishOpenings() {
        actions += openings.values.flatMap { $0 }.map { .opened($0) }
        openings = [:]
    }

    /// What to ask of Redis next.
    mutating func nextRequests(limit: Int) -> [Request] {
        guard isConnected else { return [] }
        var requests: [Request] = []
        while requests.count < limit, let request = control.popFirst() { requests.append(request) }
        // Half of the room at most goes to topics, so that publishing goes on while many are loaded.
        let limitOfFetches = min((limit + requests.count + 1) / 2, requests.count + Self.maximumFetches)
        while requests.count < limitOfFetches, let topic = fetches.popFirst() {
            guard let cursor = cursors[topic] else { continue }
            requests.append(.fetch(topic, cursor.next))
        }
        var previous: UInt64?
        for (sequence, entry) in outbox.takeNext(limit - requests.count) {
            requests.append(.publish(sequence: sequence, previous: previous, entry))
            previous = sequence
        }
        return requests
    }

    // MARK: Answers

    /// Redis answered a publication.
    mutating func published(_ sequence: UInt64, outcome: PublishOutcome, now: ContinuousClock.Instant) {
        guard let entry = outbox[sequence] else { return }
        switch outcome {
        case .published(let position):
            remember(entry.draft, entry.topic, at: position, now: now)
            complete(outbox.stored(sequence), .published(position))
        // It went through before the connection was lost, and was delivered here when it was.
        case .repeated: outbox.settled(sequence, now: now)
        case .duplicate(let position): complete(outbox.refused(sequence), .duplicate(of: position))
        case .stateFull(let limit): complete(outbox.refused(sequence), .stateFull(limit: limit))
        case .undone: outbox.undo(from: sequence)
        }
    }

    private mutating func complete(_ completion: Outbox.Completion?, _ receipt: ClusterReceipt) {
        if let completion { actions.append(.complete(completion, .success(receipt))) }
    }

    /// Redis told of a page of what it holds of a topic.
    mutating func fetched(_ topic: TopicName, _ page: TopicCursor.Content?, now: ContinuousClock.Instant) {
        let content: TopicCursor.Content?
        switch cursors[topic]?.collect(page) ?? .whole(page) {
        // What was begun comes first: little waits half done.
        case .more: return fetches.prepend(topic)
        case .whole(let whole): content = whole
        }
        let epoch = content?.position.epoch ?? ""
        let own = (content?.history ?? []).filter { $0.origin.node == configuration.nodeID }
        for item in own { arrived(item, epoch: epoch, topic, now: now) }
        change(topic, now: now) { ((), $0.fetched(content)) }
        for item in own { outbox.settled(item.origin.sequence, now: now) }
        if cursors[topic]?.isLoaded == true, let waiting = openings.removeValue(forKey: topic) {
            actions += waiting.map { .opened($0) }
        }
    }

    /// Redis did not carry out a request for a topic.
    mutating func fetchUndone(_ topic: TopicName) {
        fetches.append(topic)
    }

    /// Redis did not carry out a change of presence; everything is told anew.
    mutating func presenceUndone() {
        enqueue(registration())
    }

    /// The members of another node were fetched.
    mutating func loaded(_ node: String, version: UInt64, members: [PresenceMirror.Seat: Member]) {
        take(presence.loaded(node, version: version, members: members))
    }

    /// Something came over the channel.
    mutating func received(_ message: ClusterMessage, now: ContinuousClock.Instant) {
        guard case .published(let item, let epoch, let topic) = message else {
            return take(presence.received(message))
        }
        if item.origin.node == configuration.nodeID { arrived(item, epoch: epoch, topic, now: now) }
        change(topic, now: now) { ((), $0.received(item, epoch: epoch)) }
    }

    /// A publication of this node came back: its position is known.
    private mutating func arrived(
        _ item: ClusterPublication,
        epoch: String,
        _ topic: TopicName,
        now: ContinuousClock.Instant
    ) {
        let position = Position(epoch: epoch, offset: item.publication.offset)
        if let draft = outbox[item.origin.sequence]?.draft { remember(draft, topic, at: position, now: now) }
        complete(outbox.stored(item.origin.sequence), .published(position))
    }

    // MARK: Steps

    @discardableResult
    private mutating func change<Result>(
        _ topic: TopicName,
        now: ContinuousClock.Instant,
        _ body: (inout TopicCursor) -> (Result, [TopicCursor.Action])
    ) -> Result {
        if cursors[topic] == nil, cursors.count >= configuration.maximumTopics,
            let idle = cursors.first(where: { $0.value.isLoaded })
        {
            cursors[idle.key] = nil
        }
        let (result, steps) = body(&cursors[topic, default: TopicCursor()])
        for step in steps {
            switch step {
            case .deliver(let publication, let epoch, let origin):
                actions.append(.deliver(publication, epoch: epoch, topic: topic))
                if let origin { settle(origin, now: now) }
            case .absorb(let publication, let epoch, let origin):
                actions.append(.absorb(publication, epoch: epoch, topic: topic))
                settle(origin, now: now)
            case .skip(let origin): settle(origin, now: now)
            case .giveUp(let origin):
                if outbox[origin.sequence]?.progress == .stored { settle(origin, now: now) }
            case .restart(let content): actions.append(.restart(topic, content))
            case .fetch: fetches.append(topic)
            }
        }
        return result
    }

    private mutating func settle(_ origin: Origin, now: ContinuousClock.Instant) {
        if origin.node == configuration.nodeID { outbox.settled(origin.sequence, now: now) }
    }

    private mutating func take(_ steps: [PresenceMirror.Action]) {
        for step in steps {
            switch step {
            case .change(let topic, let change): actions.append(.presence(topic, change))
            case .load(let node): control.append(.load(node: node))
            case .register: enqueue(registration())
            }
        }
    }
}

/// What a hub knows: the topics, who listens where, and who is present. A value; the hub keeps it behind a lock.
struct HubState: Sendable {
    /// Subscriptions to one pattern, by outlet.
    struct Room: Sendable {
        let id: Int
        /// How many seats each outlet has.
        var seats: [Int]
        var readers: [EventReader] = []

        var isEmpty: Bool { readers.isEmpty && seats.allSatisfy { $0 == 0 } }
        var targeted: Int { seats.reduce(readers.count, +) }
    }

    var table: TopicTable
    var presence: [TopicName: PresenceSet] = [:]
    /// Whether the hub's work was begun.
    var hasBegun = false
    /// Whether nothing more is published.
    var isClosed = false
    /// Whether the hub's work is over, and with it what is subscribed to in this process.
    var hasEnded = false
    private(set) var serial: UInt64 = 0
    /// All seats and readers.
    private(set) var subscriptions = 0
    private var rooms: [TopicPattern: Room] = [:]
    /// Rooms of patterns that mean several topics.
    private var wideRooms = 0
    private var nextRoom = 1
    private let outlets: Int

    init(table: TopicTable, outlets: Int) {
        self.table = table
        self.outlets = outlets
    }

    /// Numbers the next item for the outlets.
    mutating func nextSerial() -> UInt64 {
        serial += 1
        return serial
    }

    // MARK: Who gets what

    /// Who gets what is published to a topic.
    struct Audience {
        var rooms: [Int] = []
        /// How many seats each outlet has in those rooms.
        var seats: [Int]
        var readers: [EventReader] = []
        var targeted = 0
    }

    func audience(of topic: TopicName) -> Audience {
        var audience = Audience(seats: Array(repeating: 0, count: outlets))
        add(rooms[.exact(topic)], to: &audience)
        guard wideRooms > 0 else { return audience }
        add(rooms[.all], to: &audience)
        for prefix in topic.prefixes { add(rooms[.below(prefix)], to: &audience) }
        return audience
    }

    private func add(_ room: Room?, to audience: inout Audience) {
        guard let room else { return }
        audience.rooms.append(room.id)
        for outlet in 0..<outlets { audience.seats[outlet] += room.seats[outlet] }
        audience.readers += room.readers
        audience.targeted += room.targeted
    }

    /// The room of the subscribers to exactly this topic.
    func room(of topic: TopicName) -> Room? { rooms[.exact(topic)] }

    /// Takes a seat for a subscriber of an outlet. Throws when there are too many topics.
    mutating func join(
        _ request: SubscriptionRequest,
        outlet: Int,
        now: ContinuousClock.Instant
    ) throws(TopicError) -> Grant {
        try open(request.pattern, now: now)
        rooms[request.pattern]?.seats[outlet] += 1
        subscriptions += 1
        return grant(request, readsLog: false, now: now)
    }

    /// Gives a seat up.
    mutating func leave(_ pattern: TopicPattern, outlet: Int, now: ContinuousClock.Instant) {
        guard rooms[pattern] != nil else { return }
        rooms[pattern]?.seats[outlet] -= 1
        subscriptions -= 1
        close(pattern, now: now)
    }

    /// Adds a reader in this process.
    mutating func join(
        _ request: SubscriptionRequest,
        reader: EventReader,
        now: ContinuousClock.Instant
    ) throws(TopicError) -> Grant {
        try open(request.pattern, now: now)
        rooms[request.pattern]?.readers.append(reader)
        subscriptions += 1
        return grant(request, readsLog: true, now: now)
    }

    /// Removes a reader.
    mutating func leave(_ pattern: TopicPattern, reader: EventReader, now: ContinuousClock.Instant) {
        guard let index = rooms[pattern]?.readers.firstIndex(where: { $0 === reader }) else { return }
        rooms[pattern]?.readers.remove(at: index)
        subscriptions -= 1
        close(pattern, now: now)
    }

    private mutating func open(_ pattern: TopicPattern, now: ContinuousClock.Instant) throws(TopicError) {
        if case .exact(let topic) = pattern {
            try table.retain(topic, now: now)
        } else if rooms[pattern] == nil {
            guard wideRooms < table.limits.topics else { throw .tooMany(limit: table.limits.topics) }
            wideRooms += 1
        }
        guard rooms[pattern] == nil else { return }
        rooms[pattern] = Room(id: nextRoom, seats: Array(repeating: 0, count: outlets))
        nextRoom += 1
    }

    private mutating func close(_ pattern: TopicPattern, now: ContinuousClock.Instant) {
        if case .exact(let topic) = pattern { table.release(topic, now: now) }
        guard rooms[pattern]?.isEmpty == true else { return }
        rooms[pattern] = nil
        if case .exact = pattern { return }
        wideRooms -= 1
    }

    /// - Parameter readsLog: whether the subscriber reads by itself what only the log holds.
    private func grant(_ request: SubscriptionRequest, readsLog: Bool, now: ContinuousClock.Instant) -> Grant {
        var position: Position?
        var reading: HistoryReading?
        var snapshot: StateSnapshot?
        if case .exact(let topic) = request.pattern, let state = table[topic] {
            position = state.position
            if let since = request.since {
                reading =
                    readsLog
                    ? state.reading(since: since, limit: .max, now: now)
                    : HistoryReading(stored: nil, held: state.recover(since: since, limit: .max, now: now))
            }
            if request.wantsState { snapshot = state.snapshot() }
        }
        return Grant(
            room: rooms[request.pattern]?.id ?? 0,
            serial: serial,
            position: position,
            recovery: reading?.held,
            stored: reading?.stored,
            snapshot: snapshot
        )
    }

    /// The readers in this process.
    var readers: [EventReader] { rooms.values.flatMap(\.readers) }

    // MARK: Statistics

    /// How many topics and patterns are followed.
    var channelCount: Int { rooms.count }

    /// The subscriptions to each pattern.
    var channels: [(pattern: TopicPattern, subscribers: Int)] {
        rooms.map { ($0.key, $0.value.targeted) }
    }
}

/// Which sessions live in a process and until when: a state machine with no I/O, clock or lock inside.
///
/// A session lives as long as somebody is attached to it and something happens in it; without anybody attached it lives on
/// for a while, so that who lost the connection can come back.
public struct SessionTable: Sendable {
    /// How many sessions there may be, and how long.
    public struct Limits: Sendable, Equatable {
        /// The most sessions at a time.
        public var sessions: Int
        /// How long a session may be idle: attached to, and without a turn that goes on.
        public var idle: Duration
        /// How long a session lives on when nobody is attached to it.
        public var detached: Duration

        /// Limits; by default 1000 sessions, idle for 10 minutes, detached for 30 seconds.
        public init(sessions: Int = 1000, idle: Duration = .seconds(600), detached: Duration = .seconds(30)) {
            self.sessions = sessions
            self.idle = idle
            self.detached = detached
        }
    }

    /// What is known of a session.
    public struct Entry: Sendable, Equatable {
        /// Its identifier.
        public let id: String
        /// The room that it belongs to, if any.
        public let room: String?
        /// The secret with which who lost the connection comes back.
        public let token: String
        /// Whether a turn goes on.
        public internal(set) var isBusy = false
        /// How many are attached to it.
        public internal(set) var attached = 0
        /// When it expires if nothing happens; nil while somebody is attached and a turn goes on.
        public internal(set) var expiry: ContinuousClock.Instant?
    }

    private var entries: [String: Entry] = [:]
    private var byToken: [String: String] = [:]
    /// The sessions of each room, the newest last.
    private var byRoom: [String: [String]] = [:]
    /// Whether no new sessions are taken.
    public private(set) var isDraining = false

    /// A table without sessions.
    public init() {}

    // MARK: Finding

    /// How many sessions there are.
    public var count: Int { entries.count }

    /// All sessions, by identifier.
    public var all: [Entry] { entries.values.sorted { $0.id < $1.id } }

    /// The session of that identifier.
    public func entry(id: String) -> Entry? { entries[id] }

    /// The newest session of a room.
    public func entry(room: String) -> Entry? { byRoom[room]?.last.flatMap { entries[$0] } }

    /// The session of a resume token.
    public func entry(token: String) -> Entry? { byToken[token].flatMap { entries[$0] } }

    // MARK: What happens

    /// Takes a new session, to which nobody is attached yet. Throws `SessionRefusal`.
    public mutating func add(
        id: String,
        room: String? = nil,
        token: String,
        limits: Limits,
        now: ContinuousClock.Instant
    ) throws(SessionRefusal) {
        guard !isDraining else { throw .draining }
        guard entries[id] == nil, byToken[token] == nil else { throw .taken(id: id) }
        guard entries.count < limits.sessions else {
            let wait = nextExpiry.map { $0 - now } ?? .seconds(1)
            throw .full(limit: limits.sessions, retryAfter: min(max(wait, .seconds(1)), .seconds(30)))
        }
        var entry = Entry(id: id, room: room, token: token)
        entry.expiry = now + limits.detached
        entries[id] = entry
        byToken[token] = id
        if let room { byRoom[room, default: []].append(id) }
    }

    /// Somebody is attached to a session from now on.
    public mutating func attach(_ id: String, limits: Limits, now: ContinuousClock.Instant) {
        change(id, limits, now) { $0.attached += 1 }
    }

    /// Somebody is not attached to a session any more.
    public mutating func detach(_ id: String, limits: Limits, now: ContinuousClock.Instant) {
        change(id, limits, now) { $0.attached = max(0, $0.attached - 1) }
    }

    /// A turn of a session began. Nobody being attached, it does not live longer for that.
    public mutating func turnBegan(_ id: String, limits: Limits, now: ContinuousClock.Instant) {
        change(id, limits, now) { $0.isBusy = true }
    }

    /// The turn of a session has ended. Returns whether the session must be closed, because all are.
    public mutating func turnEnded(_ id: String, limits: Limits, now: ContinuousClock.Instant) -> Bool {
        change(id, limits, now) { $0.isBusy = false }
        return isDraining && entries[id] != nil
    }

    /// A session is over.
    public mutating func remove(_ id: String) {
        guard let entry = entries.removeValue(forKey: id) else { return }
        byToken[entry.token] = nil
        guard let room = entry.room else { return }
        byRoom[room]?.removeAll { $0 == id }
        if byRoom[room]?.isEmpty == true { byRoom[room] = nil }
    }

    // MARK: Ends

    /// When the next session expires.
    public var nextExpiry: ContinuousClock.Instant? { entries.values.lazy.compactMap(\.expiry).min() }

    /// When the next of those sessions expires that have not expired by `now`.
    public func nextExpiry(after now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        entries.values.lazy.compactMap(\.expiry).filter { $0 > now }.min()
    }

    /// The sessions that have expired by `now` and must be closed.
    public func expired(at now: ContinuousClock.Instant) -> [String] {
        entries.values.filter { $0.expiry.map { $0 <= now } ?? false }.map(\.id)
    }

    /// Takes no new sessions any more, and returns those without a turn that goes on, which must be closed. The others
    /// follow when their turns end.
    public mutating func drain() -> [String] {
        isDraining = true
        return entries.values.filter { !$0.isBusy }.map(\.id)
    }

    private mutating func change(
        _ id: String,
        _ limits: Limits,
        _ now: ContinuousClock.Instant,
        _ change: (inout Entry) -> Void
    ) {
        guard var entry = entries[id] else { return }
        let wasAttached = entry.attached > 0
        change(&entry)
        if entry.attached > 0 {
            entry.expiry = entry.isBusy ? nil : now + limits.idle
        } else if wasAttached {
            entry.expiry = now + limits.detached
        }
        entries[id] = entry
    }
}

/// Why there is no new session.
public enum SessionRefusal: Error, Sendable, Equatable, CustomStringConvertible {
    /// There are as many as there may be; one may end after the given time.
    case full(limit: Int, retryAfter: Duration)
    /// The server is being stopped.
    case draining
    /// There is a session of that identifier.
    case taken(id: String)

    /// One sentence, and the remedy.
    public var description: String {
        switch self {
        case .full(let limit, _):
            "There are \(limit) conversations, the most that may go on at a time; try again later."
        case .draining: "The server is being stopped and takes no new conversations; try another one."
        case .taken(let id): "There is a conversation \(id) already; choose another identifier."
        }
    }
}

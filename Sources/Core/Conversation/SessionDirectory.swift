public import Logging
public import Storage

/// A session that lives in this process, as those who found it have it.
public struct LiveSession: Sendable {
    /// The session.
    public let session: Session
    /// The room that it belongs to, if any.
    public let room: String?
    /// The secret with which who lost the connection comes back.
    public let token: String
}

/// Owns all live sessions of a process: makes them, finds them, ends those that nobody needs any more, and ends all when
/// the server is stopped. A thin shell around `SessionTable`.
public actor SessionDirectory {
    private struct Owned {
        let live: LiveSession
        let storing: TurnStoring?
    }

    private let limits: @Sendable () -> SessionTable.Limits
    private let store: SessionStore?
    private let logger: Logger
    private let clock: SessionClock
    private var table = SessionTable()
    private var sessions: [String: Owned] = [:]
    private var timer: (due: ContinuousClock.Instant, task: Task<Void, Never>)?
    /// The sessions that are being closed.
    private var closing: [String: Task<Void, any Error>] = [:]
    private var drainWaiters: [CheckedContinuation<Void, Never>] = []

    /// A directory without sessions. `limits` is asked each time, since settings may change; turns are kept in `store`, if
    /// there is one.
    public init(
        limits: @escaping @Sendable () -> SessionTable.Limits = { SessionTable.Limits() },
        store: SessionStore? = nil,
        clock: SessionClock = .system,
        logger: Logger
    ) {
        self.limits = limits
        self.store = store
        self.clock = clock
        self.logger = logger
    }

    deinit {
        timer?.task.cancel()
    }

    // MARK: Making and finding

    /// Makes a session of `parts`, stored as `record` unless `stores` is false. Nobody is attached to it yet. Throws
    /// `SessionRefusal`.
    public func make(
        _ record: NewSession,
        room: String? = nil,
        parts: SessionParts,
        configuration: ConversationMachine.Configuration,
        storedFrom beginning: TurnStoring.Beginning = .firstTurn,
        stores: Bool = true
    ) throws(SessionRefusal) -> LiveSession {
        let token = RandomToken.secret()
        try table.add(id: record.id, room: room, token: token, limits: limits(), now: clock.now())
        let storing = stores ? store.map { TurnStoring(record, in: $0, from: beginning, logger: logger) } : nil
        var parts = parts
        parts.middleware.insert(TurnNotice(directory: self), at: 0)
        // Innermost, so that all other middleware sees what became of the turn in the store.
        if let storing { parts.middleware.append(storing) }
        let session = Session(id: record.id, parts: parts, configuration: configuration)
        let live = LiveSession(session: session, room: room, token: token)
        sessions[record.id] = Owned(live: live, storing: storing)
        wakeUp(at: table.entry(id: record.id)?.expiry)
        return live
    }

    /// The session of that identifier; nil if none lives.
    public func session(id: String) -> LiveSession? { sessions[id]?.live }

    /// The newest session of a room; nil if none lives.
    public func session(room: String) -> LiveSession? { table.entry(room: room).flatMap { sessions[$0.id]?.live } }

    /// The session of a resume token; nil if none lives.
    public func session(token: String) -> LiveSession? { table.entry(token: token).flatMap { sessions[$0.id]?.live } }

    /// What is known of all sessions, by identifier.
    public var entries: [SessionTable.Entry] { table.all }

    // MARK: What happens

    /// Somebody, such as a connection, needs the session from now on. False if none of that identifier lives.
    @discardableResult
    public func attach(_ id: String) -> Bool {
        table.attach(id, limits: limits(), now: clock.now())
        wakeUp(at: table.entry(id: id)?.expiry)
        return sessions[id] != nil
    }

    /// As `attach`, until what is returned is let go of: for those of whom it is not certain that they come to tell. Nil if no
    /// session of that identifier lives.
    public func attachment(to id: String) -> SessionAttachment? {
        attach(id) ? SessionAttachment(id, self) : nil
    }

    /// Somebody does not need the session any more. It lives on for a while.
    public func detach(_ id: String) {
        table.detach(id, limits: limits(), now: clock.now())
        wakeUp(at: table.entry(id: id)?.expiry)
    }

    /// Ends a session, in one word how, and returns when that is stored. Throws `StorageError`.
    public func close(_ id: String, outcome: String = "closed") async throws {
        guard let owned = sessions[id] else { return }
        if closing[id] == nil {
            closing[id] = Task {
                defer { forget(id) }
                await owned.live.session.close()
                await owned.live.session.finishTurns()
                await owned.live.session.finishRecording()
                try await owned.storing?.end(outcome: outcome)
            }
        }
        try await closing[id]?.value
    }

    /// Takes no new sessions, lets the turns that go on end, and closes everything. Returns when no session is left. When the
    /// task is cancelled, turns are not waited for any more.
    public func drain() async {
        for id in table.drain() { closeUnasked(id, outcome: "drained") }
        while !sessions.isEmpty {
            if Task.isCancelled { return sessions.keys.forEach { closeUnasked($0, outcome: "drained") } }
            await withTaskCancellationHandler {
                await withCheckedContinuation { drainWaiters.append($0) }
            } onCancel: {
                Task { await self.wakeDrainers() }
            }
        }
    }

    private func wakeDrainers() {
        drainWaiters.forEach { $0.resume() }
        drainWaiters = []
    }

    fileprivate func turnBegan(_ id: String) {
        table.turnBegan(id, limits: limits(), now: clock.now())
    }

    fileprivate func turnEnded(_ id: String) {
        let mustClose = table.turnEnded(id, limits: limits(), now: clock.now())
        wakeUp(at: table.entry(id: id)?.expiry)
        if mustClose { closeUnasked(id, outcome: "drained") }
    }

    // MARK: Ends

    private func forget(_ id: String) {
        table.remove(id)
        sessions[id] = nil
        closing[id] = nil
        if sessions.isEmpty { wakeDrainers() }
    }

    private func closeUnasked(_ id: String, outcome: String) {
        Task {
            do {
                try await close(id, outcome: outcome)
            } catch {
                logger.warning("the end of a session was not stored", metadata: ["session": "\(id)"])
            }
        }
    }

    /// Looks for sessions that have expired, not later than `due`.
    private func wakeUp(at due: ContinuousClock.Instant?) {
        guard let due, timer.map({ due < $0.due }) ?? true else { return }
        timer?.task.cancel()
        let task = Task { [weak self, clock] in
            do {
                try await clock.sleep(due)
            } catch {
                return
            }
            await self?.expire()
        }
        timer = (due, task)
    }

    private func expire() {
        timer = nil
        for id in table.expired(at: clock.now()) where closing[id] == nil { closeUnasked(id, outcome: "expired") }
        wakeUp(at: table.nextExpiry(after: clock.now()))
    }
}

/// Keeps a session alive as long as somebody holds it.
public final class SessionAttachment: Sendable {
    private let id: String
    private let directory: SessionDirectory

    fileprivate init(_ id: String, _ directory: SessionDirectory) {
        self.id = id
        self.directory = directory
    }

    deinit {
        // Nobody can wait in a deinitialiser; the task ends at once.
        Task { [id, directory] in await directory.detach(id) }
    }
}

/// Tells the directory of turns.
private struct TurnNotice: TurnMiddleware {
    weak let directory: SessionDirectory?

    func handle(_ turn: TurnContext, next: @Sendable (TurnContext) async -> Turn.Record) async -> Turn.Record {
        await directory?.turnBegan(turn.session)
        let record = await next(turn)
        await directory?.turnEnded(turn.session)
        return record
    }
}

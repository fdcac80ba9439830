public import Logging
public import Storage

/// Stores the turns of one session as they happen: when the first sound of an answer is there, before any reader gets it,
/// and when the turn has ended, before any reader sees that.
public actor TurnStoring: TurnMiddleware {
    /// From when on a session is stored.
    public enum Beginning: Sendable {
        /// From its first turn, whatever came of that.
        case firstTurn
        /// From its first sound; a session in which nothing was ever answered leaves nothing behind.
        case firstSound
    }

    private let store: SessionStore
    private let beginning: Beginning
    private let logger: Logger
    private var session: NewSession
    private var isStored = false
    /// The write that was begun last.
    private var writing: Task<Void, any Error>?

    /// Middleware that stores the turns of `session`. Its language becomes the one that its first stored turn was heard in.
    public init(_ session: NewSession, in store: SessionStore, from beginning: Beginning = .firstTurn, logger: Logger) {
        self.session = session
        self.store = store
        self.beginning = beginning
        self.logger = logger
    }

    /// Stores the turn so far. Throws `StorageError`.
    public func speakingStarts(_ record: Turn.Record, in turn: TurnContext) async throws {
        try await inOrder { try await $0.store(record) }
    }

    /// Stores the turn when it has ended. A turn that cannot be stored has failed.
    public func handle(
        _ turn: TurnContext,
        next: @Sendable (TurnContext) async -> Turn.Record
    ) async -> Turn.Record {
        let record = await next(turn)
        guard isStored || beginning == .firstTurn else { return record }
        do {
            try await inOrder { try await $0.store(record) }
        } catch {
            logger.error("turn not stored", metadata: ["session": "\(session.id)", "turn": "\(record.id)"])
            var failed = record
            failed.outcome = .failed(stage: .storage, reason: "The turn could not be stored.")
            return failed
        }
        return record
    }

    /// Stores that the session has ended, in one word how. Throws `StorageError`.
    public func end(outcome: String) async throws {
        try await inOrder { storing in
            guard await storing.isStored else { return }
            try await storing.store.endSession(storing.session.id, outcome: outcome)
        }
    }

    /// Writes after the write before, also in a task that is cancelled: what happened, happened.
    private func inOrder(_ write: @escaping @Sendable (TurnStoring) async throws -> Void) async throws {
        let task = Task { [before = writing] in
            _ = await before?.result
            try await write(self)
        }
        writing = task
        try await task.value
    }

    private func store(_ record: Turn.Record) async throws {
        let turn = StoredTurn(session: session.id, record: record.fitForStore)
        if isStored {
            try await store.recordTurn(turn, messages: record.messages)
        } else {
            session.language = record.language ?? session.language
            try await store.createSession(session, turn: turn, messages: record.messages)
            isStored = true
        }
    }
}

extension Turn.Record {
    /// What was said in the turn.
    fileprivate var messages: [NewMessage] {
        var messages: [NewMessage] = []
        if !transcript.isEmpty { messages.append(NewMessage(role: .user, text: transcript, turn: id)) }
        if !answer.isEmpty {
            let differs = !answer.split(whereSeparator: \.isWhitespace).elementsEqual(heardAnswer.split(separator: " "))
            messages.append(
                NewMessage(role: .assistant, text: heardAnswer, generatedText: differs ? answer : nil, turn: id)
            )
        }
        return messages
    }

    /// With a reason that is not longer than the store takes.
    fileprivate var fitForStore: Turn.Record {
        guard case .failed(let stage, let reason) = outcome else { return self }
        var record = self
        record.outcome = .failed(stage: stage, reason: String(reason.prefix(500)))
        return record
    }
}

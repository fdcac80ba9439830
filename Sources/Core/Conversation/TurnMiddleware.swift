import Audio
public import Logging
public import Storage

/// Surrounds the answering of each turn, from its beginning to its end.
public protocol TurnMiddleware: Sendable {
    /// Does what is to be done before the turn, calls `next` once, and does what is to be done after it.
    ///
    /// `next` returns when the turn has ended, even in a cancelled task; called once more it runs the middleware inside
    /// this one again and returns the same record. What it is given as turn is what that middleware sees.
    ///
    /// Readers get the end of the turn when this has returned, with the record that it returns.
    func handle(_ turn: TurnContext, next: @Sendable (TurnContext) async -> Turn.Record) async -> Turn.Record

    /// The first sound of the answer is there; `record` is the turn so far. Readers get the sound when this has returned.
    /// What it throws ends the turn.
    func speakingStarts(_ record: Turn.Record, in turn: TurnContext) async throws
}

extension TurnMiddleware {
    /// Does nothing.
    public func speakingStarts(_ record: Turn.Record, in turn: TurnContext) async throws {}
}

/// What middleware knows of a turn when it begins.
public struct TurnContext: Sendable {
    /// The session's identifier.
    public var session: String
    /// The turn.
    public var turn: Turn.ID

    /// A turn of a session.
    public init(session: String, turn: Turn.ID) {
        self.session = session
        self.turn = turn
    }
}

/// Writes one line for each turn. What was said stays out of it.
public struct TurnLogging: TurnMiddleware {
    private let logger: Logger

    /// Middleware that writes to `logger`.
    public init(logger: Logger) {
        self.logger = logger
    }

    /// Logs the outcome: failures as warnings, the rest for debugging.
    public func handle(
        _ turn: TurnContext,
        next: @Sendable (TurnContext) async -> Turn.Record
    ) async -> Turn.Record {
        let record = await next(turn)
        var metadata: Logger.Metadata = [
            "session": "\(turn.session)", "turn": "\(turn.turn)", "outcome": "\(record.outcome.name)",
        ]
        if let firstAudio = record.timings.firstAudio {
            metadata["first_audio_ms"] = "\(Int(firstAudio.milliseconds))"
        }
        if case .failed(let stage, let reason) = record.outcome {
            metadata["stage"] = "\(stage.rawValue)"
            metadata["reason"] = "\(reason)"
            logger.warning("turn failed", metadata: metadata)
        } else {
            logger.debug("turn ended", metadata: metadata)
        }
        return record
    }
}

/// Gives the timings of each turn to a collector, such as a histogram.
public struct TurnTiming: TurnMiddleware {
    private let collect: @Sendable (Turn.Record, Duration) -> Void

    /// Middleware that calls `collect` with each record and the time from the turn's beginning to its end.
    public init(_ collect: @escaping @Sendable (Turn.Record, Duration) -> Void) {
        self.collect = collect
    }

    /// Measures the turn.
    public func handle(
        _ turn: TurnContext,
        next: @Sendable (TurnContext) async -> Turn.Record
    ) async -> Turn.Record {
        let start = ContinuousClock.now
        let record = await next(turn)
        collect(record, ContinuousClock.now - start)
        return record
    }
}

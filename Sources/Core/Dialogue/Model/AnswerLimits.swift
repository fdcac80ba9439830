/// The deadlines of one answer.
///
/// Time counts only while somebody waits for the next piece: a reader that takes its time does not make a server late.
struct AnswerLimits: Sendable {
    /// When a wait must end, and what it was for.
    struct Deadline: Sendable, Equatable {
        var instant: ContinuousClock.Instant
        var wait: ResponderError.Wait
        var limit: Duration

        /// What happened if it has passed.
        var code: ResponderError.Code { .timedOut(wait, after: limit) }
    }

    private let timeouts: ModelConfiguration.Timeouts
    private var hasToken = false
    private var waited: Duration = .zero
    private var askedAt: ContinuousClock.Instant = .now
    private var lastProgress: ContinuousClock.Instant = .now

    init(timeouts: ModelConfiguration.Timeouts) {
        self.timeouts = timeouts
    }

    /// Somebody begins to wait for a piece.
    mutating func asked(at now: ContinuousClock.Instant) {
        askedAt = now
        lastProgress = now
    }

    /// The wait is over.
    mutating func answered(at now: ContinuousClock.Instant) {
        waited += now - askedAt
    }

    /// The model produced something.
    mutating func receivedToken(at now: ContinuousClock.Instant) {
        hasToken = true
        lastProgress = now
    }

    /// The next deadline.
    var deadline: Deadline {
        let (wait, limit): (ResponderError.Wait, Duration) =
            hasToken ? (.stalled, timeouts.betweenTokens) : (.firstToken, timeouts.firstToken)
        let token = Deadline(instant: lastProgress + limit, wait: wait, limit: limit)
        let whole = Deadline(instant: askedAt + (timeouts.whole - waited), wait: .whole, limit: timeouts.whole)
        return whole.instant < token.instant ? whole : token
    }

    /// The deadline for a connection that is begun at `now`.
    func connectDeadline(at now: ContinuousClock.Instant) -> Deadline {
        Deadline(instant: now + timeouts.connect, wait: .connect, limit: timeouts.connect)
    }
}

extension AnswerLimits {
    /// Waits until a deadline has passed and returns the failure; that for connecting only if `probe` has none by then.
    func expiry(connecting probe: ConnectionProbe?) async throws -> AnswerFailure {
        if let probe {
            let connect = connectDeadline(at: .now)
            if connect.instant < deadline.instant {
                try await Task.sleep(until: connect.instant, clock: .continuous)
                if !probe.isConnected { return AnswerFailure(code: connect.code) }
            }
        }
        try await Task.sleep(until: deadline.instant, clock: .continuous)
        return AnswerFailure(code: deadline.code)
    }
}

/// Keeps callers away from something that is failing, and lets one of them probe it from time to time.
///
/// Closed: calls pass; `failureThreshold` failures in a row open it. Open: calls are refused until `cooldown` has
/// passed. Half-open: one call at a time passes as a probe; its success closes the breaker, its failure opens it again
/// with a cooldown twice as long, up to `maximumCooldown`.
public struct CircuitBreaker: Sendable {
    /// When a breaker opens and how long it stays open.
    public struct Policy: Sendable, Equatable {
        /// Failures in a row that open the breaker, at least 1.
        public var failureThreshold: Int
        /// How long calls are refused after the breaker opens for the first time.
        public var cooldown: Duration
        /// The longest cooldown that repeated failed probes lead to.
        public var maximumCooldown: Duration

        /// A policy; by default three failures open the breaker for five seconds, a minute at most.
        public init(
            failureThreshold: Int = 3,
            cooldown: Duration = .seconds(5),
            maximumCooldown: Duration = .seconds(60)
        ) {
            self.failureThreshold = max(1, failureThreshold)
            self.cooldown = cooldown
            self.maximumCooldown = max(cooldown, maximumCooldown)
        }
    }

    /// What a caller may do.
    public enum Admission: Sendable, Equatable {
        /// Call; the breaker is closed.
        case pass
        /// Call; the outcome decides whether the breaker closes.
        case probe
        /// Do not call before the given time has passed.
        case refuse(retryAfter: Duration)
    }

    private enum State {
        case closed(failures: Int)
        case open(until: ContinuousClock.Instant, cooldown: Duration)
        case halfOpen(cooldown: Duration, probeDeadline: ContinuousClock.Instant)
    }

    private let policy: Policy
    private var state: State = .closed(failures: 0)

    /// A closed breaker.
    public init(policy: Policy = Policy()) {
        self.policy = policy
    }

    /// Whether calls pass freely.
    public var isClosed: Bool {
        if case .closed = state { true } else { false }
    }

    /// Asks to make a call at `now`. Each admitted call must be followed by `succeeded`, `failed` or `abandoned`.
    public mutating func admit(at now: ContinuousClock.Instant) -> Admission {
        switch state {
        case .closed:
            return .pass
        case .open(let until, let cooldown) where now >= until:
            state = .halfOpen(cooldown: cooldown, probeDeadline: now + cooldown)
            return .probe
        case .open(let until, _):
            return .refuse(retryAfter: until - now)
        case .halfOpen(let cooldown, let probeDeadline) where now >= probeDeadline:
            // The probe never reported back, so another caller takes its place.
            state = .halfOpen(cooldown: cooldown, probeDeadline: now + cooldown)
            return .probe
        case .halfOpen(_, let probeDeadline):
            return .refuse(retryAfter: probeDeadline - now)
        }
    }

    /// An admitted call worked: the breaker closes.
    public mutating func succeeded() {
        state = .closed(failures: 0)
    }

    /// An admitted call failed at `now`.
    public mutating func failed(at now: ContinuousClock.Instant) {
        switch state {
        case .closed(let failures) where failures + 1 < policy.failureThreshold:
            state = .closed(failures: failures + 1)
        case .closed:
            state = .open(until: now + policy.cooldown, cooldown: policy.cooldown)
        case .halfOpen(let cooldown, _):
            let longer = min(cooldown * 2, policy.maximumCooldown)
            state = .open(until: now + longer, cooldown: longer)
        case .open:
            // A call admitted before the breaker opened: it is open already.
            break
        }
    }

    /// An admitted call ended without telling anything about the other side, for example because it was cancelled.
    public mutating func abandoned(at now: ContinuousClock.Instant) {
        if case .halfOpen(let cooldown, _) = state {
            state = .open(until: now, cooldown: cooldown)
        }
    }
}

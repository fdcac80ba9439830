/// How often something is tried and how long to wait between the tries: exponential back-off with full jitter.
///
/// A policy is a value without clock or randomness of its own; the caller waits and brings the random source.
public struct RetryPolicy: Sendable, Equatable {
    /// How a delay is spread, so that many clients do not return at the same moment.
    public enum Jitter: Sendable, Equatable {
        /// Wait exactly the computed delay.
        case none
        /// Wait a random time between nothing and the computed delay.
        case full
    }

    /// Tries in all, the first included: 1 to 100.
    public let attempts: Int
    /// The delay before the second try; never negative.
    public let baseDelay: Duration
    /// What the delay is multiplied with from try to try: 1 to 100.
    public let factor: Double
    /// The longest computed delay.
    public let maximumDelay: Duration
    /// The longest wait a server may ask for; beyond it there is no further try.
    public let maximumRetryAfter: Duration
    /// How delays are spread.
    public let jitter: Jitter

    /// A policy; values outside their range are moved to its nearest end.
    public init(
        attempts: Int = 3,
        baseDelay: Duration = .milliseconds(200),
        factor: Double = 2,
        maximumDelay: Duration = .seconds(5),
        maximumRetryAfter: Duration = .seconds(30),
        jitter: Jitter = .full
    ) {
        self.attempts = min(max(1, attempts), 100)
        self.baseDelay = max(.zero, baseDelay)
        self.factor = factor.isNaN ? 1 : min(max(1, factor), 100)
        self.maximumDelay = max(.zero, maximumDelay)
        self.maximumRetryAfter = max(.zero, maximumRetryAfter)
        self.jitter = jitter
    }

    /// One try, no more.
    public static let never = RetryPolicy(attempts: 1)

    /// How long to wait before try number `attempt` (the first is 1), or nil if that try must not be made.
    ///
    /// `retryAfter` is the wait that the server asked for: the delay is never shorter, and nil when it is longer than
    /// `maximumRetryAfter`.
    public func delay(
        beforeAttempt attempt: Int,
        retryAfter: Duration? = nil,
        using random: inout some RandomNumberGenerator
    ) -> Duration? {
        guard attempt <= attempts else { return nil }
        guard attempt > 1 else { return .zero }
        if let retryAfter, retryAfter > maximumRetryAfter { return nil }
        let computed = longestDelay(beforeAttempt: attempt)
        let spread =
            switch jitter {
            case .none: computed
            case .full: computed * Double.random(in: 0...1, using: &random)
            }
        return max(spread, retryAfter ?? .zero)
    }

    private func longestDelay(beforeAttempt attempt: Int) -> Duration {
        var delay = min(baseDelay, maximumDelay)
        var number = 2
        while number < attempt, delay < maximumDelay {
            // Compared as seconds first: the product of two large numbers must not overflow.
            delay = delay > maximumDelay / factor ? maximumDelay : delay * factor
            number += 1
        }
        return min(delay, maximumDelay)
    }
}

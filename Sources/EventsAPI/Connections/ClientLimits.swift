/// How much one client may ask for.
struct ClientLimits: Sendable {
    /// The most subscriptions of a connection.
    let subscriptions: Int
    /// The most connections with the same credentials.
    let connectionsPerCredential: Int
    /// The most messages in a second, in the long run.
    let messagesPerSecond: Int
}

/// Counts a client's messages: it may send so many in a second in the long run, and two seconds' worth at once.
struct MessageAllowance {
    private var tokens: Double
    private var lastRefill: Int64

    /// The allowance of a client that has just come; times are in nanoseconds.
    init(perSecond: Int, now: Int64) {
        tokens = Double(perSecond) * Self.burst
        lastRefill = now
    }

    private static let burst = 2.0

    /// Takes one message; false if there have been too many.
    mutating func take(perSecond: Int, now: Int64) -> Bool {
        let elapsed = Double(max(0, now - lastRefill)) * 1e-9
        lastRefill = now
        tokens = min(Double(perSecond) * Self.burst, tokens + elapsed * Double(perSecond))
        guard tokens >= 1 else { return false }
        tokens -= 1
        return true
    }
}

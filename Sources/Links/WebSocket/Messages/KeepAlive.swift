public import NIOCore

/// Decides when a silent peer is asked for a sign of life and when it is given up. Any byte from the peer counts.
public struct KeepAlive: Sendable {
    /// What to do at a tick.
    public enum Action: Sendable, Equatable {
        /// Nothing.
        case wait
        /// Send a ping.
        case ping
        /// The peer did not answer: end the connection.
        case dead
    }

    private let interval: TimeAmount
    private let timeout: TimeAmount
    /// When the last bytes arrived.
    public private(set) var lastHeard: NIODeadline
    /// When the unanswered ping was sent; nil while none is out.
    private var pinged: NIODeadline?

    /// A connection that has just begun.
    /// - Parameters:
    ///   - interval: the silence after which a ping is sent, at least a millisecond.
    ///   - timeout: how long the answer may take, at least a millisecond.
    ///   - now: when the connection began.
    public init(interval: TimeAmount, timeout: TimeAmount, now: NIODeadline) {
        self.interval = max(interval, .milliseconds(1))
        self.timeout = max(timeout, .milliseconds(1))
        self.lastHeard = now
    }

    /// Bytes arrived at `now`.
    public mutating func heard(_ now: NIODeadline) {
        lastHeard = max(lastHeard, now)
        pinged = nil
    }

    /// The time is `now`. A tick that comes late still sends its ping and waits for the answer, so a stalled event loop
    /// gives nobody up.
    public mutating func tick(_ now: NIODeadline) -> Action {
        if let pinged { return now < pinged + timeout ? .wait : .dead }
        guard now >= lastHeard + interval else { return .wait }
        pinged = now
        return .ping
    }
}

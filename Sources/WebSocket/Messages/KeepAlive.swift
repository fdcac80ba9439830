public import NIOCore

/// Decides when a silent peer is asked for a sign of life and when it is given up. Any byte from the peer counts.
///
/// The owner calls ``tick(_:)`` at the deadline that the last tick returned; one timer per connection suffices, and
/// traffic does not have to move it.
public struct KeepAlive: Sendable {
    /// What to do at a tick. Each but `dead` names the time of the next one.
    public enum Action: Sendable, Equatable {
        /// Nothing; tick again then.
        case wait(until: NIODeadline)
        /// Send a ping; tick again then.
        case ping(until: NIODeadline)
        /// The peer did not answer and has been silent for so long: end the connection.
        case dead(silentFor: TimeAmount)
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
        if let pinged {
            let deadline = pinged + timeout
            guard now < deadline else { return .dead(silentFor: now - lastHeard) }
            return .wait(until: min(deadline, now + interval))
        }
        let due = lastHeard + interval
        guard now >= due else { return .wait(until: due) }
        pinged = now
        return .ping(until: now + min(interval, timeout))
    }
}

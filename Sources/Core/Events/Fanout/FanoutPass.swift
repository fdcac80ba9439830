import WebSocket

/// How the messages fared that a loop sent at the end of a tick, each counted once for every connection.
public struct FanoutPass: Sendable, Hashable {
    /// Written to connections, or waiting in their queues.
    public internal(set) var queued = 0
    /// Lost, because somebody reads too slowly or has gone.
    public internal(set) var dropped = 0

    init() {}

    /// Counts messages that a connection was given together.
    mutating func count(_ messages: Int, _ outcome: SendOutcome) {
        if outcome.isAccepted { queued += messages } else { dropped += messages }
    }

    static func += (pass: inout FanoutPass, other: FanoutPass) {
        pass.queued += other.queued
        pass.dropped += other.dropped
    }
}

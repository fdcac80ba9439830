/// When somebody should connect again whose connection has ended: after a random part of a time that doubles from try to
/// try, so that the clients of a server that was restarted do not all come back at once.
///
/// A value without clock or randomness of its own.
public struct ReconnectPolicy: Sendable, Equatable {
    /// The time before the first try.
    public var baseDelay: Duration
    /// The longest time between two tries.
    public var maximumDelay: Duration
    /// How many tries in a row may fail; nil means any number.
    public var maximumTries: Int?
    /// How long a connection must have lasted for the tries to count from the start again.
    public var stableAfter: Duration

    /// A policy; the first try comes after up to half a second, later ones after up to half a minute.
    public init(
        baseDelay: Duration = .milliseconds(500),
        maximumDelay: Duration = .seconds(30),
        maximumTries: Int? = nil,
        stableAfter: Duration = .seconds(10)
    ) {
        self.baseDelay = max(.zero, baseDelay)
        self.maximumDelay = max(.zero, maximumDelay)
        self.maximumTries = maximumTries
        self.stableAfter = max(.zero, stableAfter)
    }

    /// How long to wait before try number `number` (the first is 1); nil when there is to be no such try.
    public func delay(beforeTry number: Int, using random: inout some RandomNumberGenerator) -> Duration? {
        if let maximumTries, number > maximumTries { return nil }
        let longest = min(maximumDelay, baseDelay * (1 << min(max(0, number - 1), 30)))
        return longest * Double.random(in: 0...1, using: &random)
    }

    /// The number of the next try after a connection that lasted so long; `number` was that of the try that made it.
    public func nextTry(after number: Int, lasting duration: Duration) -> Int {
        duration >= stableAfter ? 1 : number + 1
    }
}

extension CloseCode {
    /// Whether to connect again makes sense after a connection was closed with this code: it does after failures,
    /// restarts and overload, and does not when the client has done what it should not, or is not let in.
    public var invitesReconnection: Bool {
        switch rawValue {
        case 1001, 1005, 1006, 1011...1014, 3000...3499, 4408, 4429: true
        default: false
        }
    }
}

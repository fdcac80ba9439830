/// How much somebody may send: so many messages and so many bytes in a second in the long run, and two seconds' worth at
/// once.
///
/// Two token buckets that are asked together. Times are in nanoseconds of a clock that is handed in; one that goes back
/// counts as one that stands still.
public struct RateLimit: Sendable, Equatable {
    /// The rates of a limit.
    public struct Rates: Sendable, Equatable {
        /// Messages in a second, at least 1.
        public let messages: Int
        /// Bytes in a second, at least 1.
        public let bytes: Int

        /// Rates; numbers below 1 become 1.
        public init(messages: Int, bytes: Int) {
            self.messages = max(1, messages)
            self.bytes = max(1, bytes)
        }
    }

    /// What there was too much of.
    public enum Excess: Sendable, Equatable {
        /// More messages than may be sent in a second.
        case messages
        /// More bytes than may be sent in a second.
        case bytes
    }

    /// Whether something may be sent.
    public enum Verdict: Sendable, Equatable {
        /// It may, and is counted.
        case allowed
        /// It may not, and is not counted; the same may be sent after `retryAfter` unless other things are sent before.
        case refused(Excess, retryAfter: Duration)
    }

    /// How many seconds' worth may be sent at once.
    static let burst = 2.0
    /// How many seconds' worth are owed at the most: many who share a limit hold nobody up for longer, whatever they reserve
    /// at one moment.
    static let debt = 5.0

    /// What may be sent in a second.
    public let rates: Rates
    private var messages: Double
    private var bytes: Double
    private var refilled: Int64

    /// The limit of somebody who has not sent anything yet at `now`.
    public init(_ rates: Rates, now: Int64) {
        self.rates = rates
        messages = Double(rates.messages) * Self.burst
        bytes = Double(rates.bytes) * Self.burst
        refilled = now
    }

    /// Asks to send so many messages with so many bytes in all at `now`.
    ///
    /// What is larger than two seconds' worth may be sent by somebody who has sent nothing for so long, and is paid for
    /// afterwards.
    public mutating func take(messages count: Int, bytes size: Int, at now: Int64) -> Verdict {
        refill(at: now)
        let lackOfMessages = Self.lack(of: count, in: messages, rate: rates.messages)
        let lackOfBytes = Self.lack(of: size, in: bytes, rate: rates.bytes)
        let lack = max(lackOfMessages, lackOfBytes)
        guard lack <= 0 else {
            return .refused(
                lackOfMessages >= lackOfBytes ? .messages : .bytes,
                retryAfter: .nanoseconds(Int64((lack * 1e9).rounded(.up)))
            )
        }
        messages -= Double(count)
        bytes -= Double(size)
        return .allowed
    }

    /// Counts so many messages with so many bytes in all that come at `now` and are to be carried out later if there have
    /// been too many: returns how long they have to wait. Who reserves first waits least.
    public mutating func reserve(messages count: Int, bytes size: Int, at now: Int64) -> Duration {
        refill(at: now)
        let lack = max(
            Self.lack(of: count, in: messages, rate: rates.messages),
            Self.lack(of: size, in: bytes, rate: rates.bytes)
        )
        messages = max(messages - Double(count), -Self.debt * Double(rates.messages))
        bytes = max(bytes - Double(size), -Self.debt * Double(rates.bytes))
        return lack <= 0 ? .zero : .nanoseconds(Int64((lack * 1e9).rounded(.up)))
    }

    /// Whether it is at `now` as if nothing had ever been sent.
    public func isFresh(at now: Int64) -> Bool {
        var limit = self
        limit.refill(at: now)
        return limit.messages >= Double(rates.messages) * Self.burst && limit.bytes >= Double(rates.bytes) * Self.burst
    }

    private mutating func refill(at now: Int64) {
        guard now > refilled else { return }
        let seconds = Double(now - refilled) * 1e-9
        refilled = now
        messages = min(Double(rates.messages) * Self.burst, messages + seconds * Double(rates.messages))
        bytes = min(Double(rates.bytes) * Self.burst, bytes + seconds * Double(rates.bytes))
    }

    /// Seconds until there is enough for `amount`; negative or zero if there is.
    private static func lack(of amount: Int, in level: Double, rate: Int) -> Double {
        guard amount > 0 else { return 0 }
        return (min(Double(amount), Double(rate) * burst) - level) / Double(rate)
    }
}

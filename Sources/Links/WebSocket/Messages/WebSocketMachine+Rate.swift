public import NIOCore
internal import Resilience

/// How much the peer sends, and whether it is too much.
extension WebSocketMachine {
    /// A part of a message that is smaller counts as a message; larger ones count by their bytes.
    private static var smallPart: Int { 1024 }
    /// The most unanswered pings that are remembered.
    private static var longestOwing: UInt8 { 8 }

    /// The time is `now`; what is received counts at the time that was told last.
    public mutating func advance(to now: NIODeadline) {
        self.now = Int64(clamping: now.uptimeNanoseconds)
    }

    /// What the peer has sent since the last call.
    public mutating func takeUsage() -> WebSocketUsage {
        defer { usage = WebSocketUsage() }
        return usage
    }

    /// What there was too much of since the last call; nil if nothing.
    mutating func takeExcess() -> RateLimit.Excess? {
        defer { excess = nil }
        return excess
    }

    /// A ping was sent, so one pong is not the peer's own idea.
    mutating func expectPong() {
        owedPongs = min(owedPongs + 1, Self.longestOwing)
    }

    /// A control frame came.
    mutating func count(control header: FrameHeader) {
        switch header.opcode {
        case .pong where owedPongs > 0: owedPongs -= 1
        case .ping, .pong: count(messages: 1, bytes: header.length)
        case .close, .text, .binary, .continuation: break
        }
    }

    /// A data frame begins.
    mutating func count(beginning header: FrameHeader) {
        guard header.opcode != .continuation || header.length < Self.smallPart else { return }
        count(messages: 1, bytes: 0)
    }

    /// So much came.
    mutating func count(messages: Int, bytes: Int) {
        guard phase == .open, messages > 0 || bytes > 0 else { return }
        usage.messages += messages
        usage.bytes += bytes
        if case .refused(let excess, _)? = rate?.take(messages: messages, bytes: bytes, at: now) {
            self.excess = excess
        }
    }
}

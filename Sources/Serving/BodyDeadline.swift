import NIOCore
import NIOHTTPTypes

/// Gives up clients whose bodies arrive too slowly, by `BodyClock`. Sits behind the HTTP decoder, one for each connection.
final class BodyDeadline: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart

    private var clock: BodyClock
    private var deadline: Scheduled<Void>?

    init(limit: Duration) {
        clock = BodyClock(limit: TimeAmount(limit))
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head: clock.began()
        case .body(let piece): clock.received(piece.readableBytes)
        case .end: clock.ended()
        }
        context.fireChannelRead(data)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        // Whether or not what came made a part.
        clock.readEnded(at: context.eventLoop.now)
        stop()
        context.fireChannelReadComplete()
    }

    func read(context: ChannelHandlerContext) {
        if deadline == nil, let end = clock.readBegins(at: context.eventLoop.now) {
            deadline = context.eventLoop.assumeIsolated().scheduleTask(deadline: end) { context.close(promise: nil) }
        }
        context.read()
    }

    func channelInactive(context: ChannelHandlerContext) {
        stop()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        stop()
    }

    private func stop() {
        deadline?.cancel()
        deadline = nil
    }
}

/// Knows by when more of a body must have come, and all of it.
///
/// Only the time in which the server waits for the client counts. A pause may be as long as the limit, and all waits
/// together as long as the limit and what a slow line needs for what has come: a body that drips has no more than the
/// limit.
struct BodyClock {
    /// What the slowest line that is served carries.
    static let bytesPerSecond = 16_384

    private let limit: TimeAmount
    private var isInBody = false
    private var received = 0
    /// How long the server has waited for this body.
    private var waited = TimeAmount.zero
    private var waitingSince: NIODeadline?

    init(limit: TimeAmount) {
        self.limit = limit
    }

    /// A head is complete.
    mutating func began() {
        isInBody = true
        received = 0
        waited = .zero
        waitingSince = nil
    }

    /// A piece of the body came.
    mutating func received(_ bytes: Int) {
        received += bytes
    }

    /// The body is complete.
    mutating func ended() {
        isInBody = false
        waitingSince = nil
    }

    /// The server waits for more from now on. Returns when the client is too late with it; nil between bodies.
    mutating func readBegins(at now: NIODeadline) -> NIODeadline? {
        guard isInBody else { return nil }
        if waitingSince == nil { waitingSince = now }
        let earned = TimeAmount.nanoseconds(Int64(received / Self.bytesPerSecond) * 1_000_000_000)
        return now + max(.zero, min(limit, limit + earned - waited))
    }

    /// Something came.
    mutating func readEnded(at now: NIODeadline) {
        guard let since = waitingSince else { return }
        waited = waited + (now - since)
        waitingSince = nil
    }
}

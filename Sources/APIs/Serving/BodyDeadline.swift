import NIOCore
import NIOHTTPTypes

/// A body did not arrive in time.
struct BodyTimeout: Error {}

/// Gives up clients whose bodies arrive too slowly, by `BodyClock`: whoever reads the body gets `BodyTimeout`, and has a
/// moment to answer. Sits behind the HTTP decoder, one for each connection.
final class BodyDeadline: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart

    /// How long an answer may take that says so.
    static let grace = TimeAmount.seconds(5)

    private var clock: BodyClock
    private var isGivenUp = false
    private var deadline: Scheduled<Void>?

    init(limit: Duration) {
        clock = BodyClock(limit: TimeAmount(limit))
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head: clock.began()
        case .body: break
        case .end: clock.ended()
        }
        context.fireChannelRead(data)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        // Whether or not what came made a part.
        clock.readEnded(at: context.eventLoop.now)
        if !isGivenUp { stop() }
        context.fireChannelReadComplete()
    }

    func read(context: ChannelHandlerContext) {
        if deadline == nil, let end = clock.readBegins(at: context.eventLoop.now) {
            deadline = context.eventLoop.assumeIsolated().scheduleTask(deadline: end) { self.giveUp(context) }
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

    private func giveUp(_ context: ChannelHandlerContext) {
        isGivenUp = true
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: Self.grace) { context.close(promise: nil) }
        context.fireErrorCaught(BodyTimeout())
    }

    private func stop() {
        deadline?.cancel()
        deadline = nil
    }
}

/// Knows by when all of a body must have come.
///
/// Only the time in which the server waits for the client counts, with all its waits together. So a client whose bytes
/// drip has no more time than one that sends nothing.
struct BodyClock {
    private let limit: TimeAmount
    private var isInBody = false
    /// How long the server has waited for this body.
    private var waited = TimeAmount.zero
    private var waitingSince: NIODeadline?

    init(limit: TimeAmount) {
        self.limit = limit
    }

    /// A head is complete.
    mutating func began() {
        isInBody = true
        waited = .zero
        waitingSince = nil
    }

    /// The body is complete.
    mutating func ended() {
        isInBody = false
        waitingSince = nil
    }

    /// The server waits for more from now on. Returns when the client is too late; nil between bodies.
    mutating func readBegins(at now: NIODeadline) -> NIODeadline? {
        guard isInBody else { return nil }
        if waitingSince == nil { waitingSince = now }
        return now + max(.zero, limit - waited)
    }

    /// Something came.
    mutating func readEnded(at now: NIODeadline) {
        guard let since = waitingSince else { return }
        waited = waited + (now - since)
        waitingSince = nil
    }
}

import Glibc
import HTTPTypes
public import NIOCore
public import NIOHTTPTypes

/// Refuses requests whose head arrives too slowly: a head that has begun must be complete in time, else the answer is
/// 408 and the connection is closed. How long a connection may be quiet between requests is not its business.
///
/// Sits behind the HTTP decoder, one for each connection. What it does not get as a part of a request, but what was
/// read all the same, is a piece of a head. So it also knows when a connection is idle, and closes one whose place another
/// needs.
public final class HeadDeadline: ChannelDuplexHandler, RemovableChannelHandler {
    /// What it sees of requests.
    public typealias InboundIn = HTTPRequestPart
    /// What it sees of answers.
    public typealias OutboundIn = HTTPResponsePart
    /// What it answers itself.
    public typealias OutboundOut = HTTPResponsePart

    private var clock: HeadClock
    private var reminder: Scheduled<Void>?
    private let place: ConnectionPlace?
    private var isIdle = false

    /// A handler that gives each head `limit` from its first bytes to its last.
    public convenience init(limit: Duration) {
        self.init(limit: limit, place: nil)
    }

    /// A handler that also tells a place among the server's connections whether its connection is idle.
    init(limit: Duration, place: ConnectionPlace?) {
        clock = HeadClock(limit: TimeAmount(limit))
        self.place = place
    }

    /// The connection is idle at first.
    public func handlerAdded(context: ChannelHandlerContext) {
        noteIdleness()
    }

    /// Takes note of what arrives.
    public func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        clock.received(unwrapInboundIn(data))
        if clock.deadline == nil { cancelReminder() }
        noteIdleness()
        context.fireChannelRead(data)
    }

    /// Takes note of bytes that made no part.
    public func channelReadComplete(context: ChannelHandlerContext) {
        clock.readEnded(at: context.eventLoop.now)
        noteIdleness()
        remind(context)
        context.fireChannelReadComplete()
    }

    /// Takes note of what is answered.
    public func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) {
            clock.answered(at: context.eventLoop.now)
            noteIdleness()
            remind(context)
        }
        context.write(data, promise: promise)
    }

    /// Takes note that nothing more will arrive, and that the connection's place is needed.
    public func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is GiveUpIfIdle { return giveUpIfIdle(context) }
        if let event = event as? ChannelEvent, event == .inputClosed { stop() }
        context.fireUserInboundEventTriggered(event)
    }

    /// Ends the watch with the connection.
    public func channelInactive(context: ChannelHandlerContext) {
        stop()
        context.fireChannelInactive()
    }

    /// Ends the watch.
    public func handlerRemoved(context: ChannelHandlerContext) {
        stop()
    }

    private func noteIdleness() {
        guard let place, clock.isIdle != isIdle else { return }
        isIdle = clock.isIdle
        if isIdle { place.rested() } else { place.began() }
    }

    private func giveUpIfIdle(_ context: ChannelHandlerContext) {
        guard isIdle else { return }
        // Bytes may have come that nobody has read yet.
        let waiting = try? context.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: CInt.self) { socket in
            var byte: UInt8 = 0
            return recv(socket, &byte, 1, CInt(MSG_PEEK) | CInt(MSG_DONTWAIT))
        }
        if let waiting, waiting > 0 { place?.began() } else { context.close(promise: nil) }
    }

    /// One reminder is on its way at a time; it is not brought forward, since deadlines only move backward.
    private func remind(_ context: ChannelHandlerContext) {
        guard reminder == nil, let deadline = clock.deadline else { return }
        reminder = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { [self] in
            reminder = nil
            if clock.isOver(at: context.eventLoop.now) { refuse(context) } else { remind(context) }
        }
    }

    private func refuse(_ context: ChannelHandlerContext) {
        stop()
        let head = HTTPResponse(status: .requestTimeout, headerFields: [.connection: "close", .contentLength: "0"])
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        context.close(promise: nil)
    }

    private func stop() {
        clock.stop()
        cancelReminder()
    }

    private func cancelReminder() {
        reminder?.cancel()
        reminder = nil
    }
}

@available(*, unavailable)
extension HeadDeadline: Sendable {}

/// Knows by when the head that is arriving must be complete.
struct HeadClock {
    private enum Reading {
        /// Nothing has come since the last request.
        case nothing
        /// A head has begun; its time does not run while earlier requests wait for their answers, since then it is the
        /// server that does not read on.
        case head
        /// A request whose head is complete.
        case body
        /// What comes is not looked at any more.
        case stopped
    }

    let limit: TimeAmount
    /// When the head that is arriving is too late; nil while no time runs.
    private(set) var deadline: NIODeadline?
    private var reading = Reading.nothing
    private var hasPart = false
    private var answersDue = 0

    init(limit: TimeAmount) {
        self.limit = limit
    }

    /// Whether all requests are answered, and no bytes of another have come.
    var isIdle: Bool { reading == .nothing && answersDue <= 0 }

    /// A part of a request is complete.
    mutating func received(_ part: HTTPRequestPart) {
        guard reading != .stopped else { return }
        hasPart = true
        deadline = nil
        switch part {
        case .head(let head):
            answersDue += 1
            reading = .body
            // What follows is of another protocol, or the connection is closed after the answer.
            if head.headerFields.contains(.upgrade) { stop() }
        case .body: break
        case .end: reading = .nothing
        }
    }

    /// What has arrived has been passed on as far as it was complete.
    mutating func readEnded(at now: NIODeadline) {
        defer { hasPart = false }
        guard reading == .nothing, !hasPart else { return }
        reading = .head
        startIfDue(now)
    }

    /// The last part of an answer is on its way.
    mutating func answered(at now: NIODeadline) {
        answersDue -= 1
        startIfDue(now)
    }

    /// Whether the head that is arriving is too late.
    func isOver(at now: NIODeadline) -> Bool {
        deadline.map { $0 <= now } ?? false
    }

    /// Looks at nothing more.
    mutating func stop() {
        reading = .stopped
        deadline = nil
    }

    private mutating func startIfDue(_ now: NIODeadline) {
        if reading == .head, answersDue <= 0, deadline == nil { deadline = now + limit }
    }
}

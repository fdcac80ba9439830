import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Ends connections after an answer behind which nothing more can come: one that is given before its request has arrived
/// in full, that the client asked to be the last, or that says so itself. The head of such an answer says
/// `Connection: close`, and when it is written `LingeringClose` takes over.
///
/// Sits behind the HTTP codecs, before everything that may close the connection after an answer: such closing waits until
/// the client has got the answer.
final class AnswerEnding: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private var machine = AnswerOrder()
    private let limit: TimeAmount
    private var deadline: Scheduled<Void>?
    /// Whether the system has all of the last answer.
    private var isWritten = false

    /// The client has `limit` to take the last answer.
    init(limit: Duration) {
        self.limit = TimeAmount(limit)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        machine.received(unwrapInboundIn(data))
        context.fireChannelRead(data)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent { machine.quiesce() }
        // What is left is to be polite, for which there is no time when another connection needs the place.
        if event is GiveUpIfIdle, isWritten { return context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(var head) where machine.answers(with: head):
            head.headerFields[.connection] = "close"
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .end where machine.answered():
            finish(context, data, promise)
        case .head, .body, .end:
            context.write(data, promise: promise)
        }
    }

    /// Whoever closes after the last answer has to wait until the client has it.
    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard machine.isOver, mode == .all else { return context.close(mode: mode, promise: promise) }
        if let promise { context.channel.closeFuture.cascade(to: promise) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        deadline?.cancel()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        deadline?.cancel()
    }

    private func finish(_ context: ChannelHandlerContext, _ end: NIOAny, _ promise: EventLoopPromise<Void>?) {
        let written = context.eventLoop.makePromise(of: Void.self)
        if let promise { written.futureResult.cascade(to: promise) }
        written.futureResult.assumeIsolated().whenComplete { [self] result in
            deadline?.cancel()
            guard case .success = result else { return context.close(promise: nil) }
            isWritten = true
            context.triggerUserOutboundEvent(LingeringClose.Begin(), promise: nil)
        }
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: limit) { context.close(promise: nil) }
        context.writeAndFlush(end, promise: written)
    }
}

/// Counts the requests and answers of a connection, and knows which answer is the last.
struct AnswerOrder {
    private var requests = 0
    private var answers = 0
    /// Whether the last request that has begun has not arrived in full.
    private var isArriving = false
    /// The number of the request that asked for the end of the connection.
    private var last: Int?
    private var isQuiescing = false
    private var isLast = false
    private var isUpgrading = false
    /// Whether the last answer is complete.
    private(set) var isOver = false

    /// A part of a request came.
    mutating func received(_ part: HTTPRequestPart) {
        switch part {
        case .head(let head):
            if last == nil, head.headerFields.endsConnection { last = requests }
            requests += 1
            isArriving = true
        case .body: break
        case .end: isArriving = false
        }
    }

    /// The connection is to end with the answer that is due.
    mutating func quiesce() { isQuiescing = true }

    /// The head of an answer is to be written. Returns whether the answer is the last.
    mutating func answers(with head: HTTPResponse) -> Bool {
        guard head.status.kind != .informational else {
            if head.status == .switchingProtocols { isUpgrading = true }
            return false
        }
        isUpgrading = false
        // An answer to no request is one to what could not be understood.
        isLast =
            head.headerFields.endsConnection || last == answers || isQuiescing || answers >= requests
            || isArriving && answers == requests - 1
        return isLast
    }

    /// An answer is complete. Returns whether it is the last.
    mutating func answered() -> Bool {
        guard !isUpgrading else { return false }
        answers += 1
        isOver = isLast || isQuiescing && answers >= requests
        return isOver
    }
}

extension HTTPFields {
    /// Whether `Connection: close` is among the fields.
    fileprivate var endsConnection: Bool {
        self[values: .connection].contains { value in
            value.split(separator: ",").contains { $0.trimmingSpaces.lowercased() == "close" }
        }
    }
}

extension Substring {
    fileprivate var trimmingSpaces: Substring {
        var text = self
        while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return text
    }
}

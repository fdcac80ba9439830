import NIOCore

/// Carries out what the state machine of a connection decides. Lives on the event loop of its channel.
final class RedisHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let configuration: RedisConfiguration
    private let onMessage: @Sendable (String, ByteBuffer) -> Void
    private let ready: EventLoopPromise<Void>
    private let ended: EventLoopPromise<RedisError>
    private var machine: RedisConnectionMachine<ReplyTicket>
    private var parser: RESPParser
    private var context: ChannelHandlerContext?
    private var closeReason: RedisError?
    private var isFlushPlanned = false
    private var deadlineTimer: (task: Scheduled<Void>, time: NIODeadline)?
    private var pingTimer: Scheduled<Void>?
    private var greetingTimer: Scheduled<Void>?

    init(
        configuration: RedisConfiguration,
        isSubscriber: Bool,
        ready: EventLoopPromise<Void>,
        ended: EventLoopPromise<RedisError>,
        onMessage: @escaping @Sendable (String, ByteBuffer) -> Void
    ) {
        self.configuration = configuration
        self.ready = ready
        self.ended = ended
        self.onMessage = onMessage
        machine = RedisConnectionMachine(configuration: configuration, isSubscriber: isSubscriber)
        parser = RESPParser(limits: configuration.limits)
    }

    // MARK: Commands

    /// Writes commands; what is written within one turn of the loop is sent together.
    func send(_ commands: [RedisCommand], replies: Int, _ ticket: ReplyTicket) {
        guard let context else { return ticket.finish(.failure(.notConnected)) }
        let deadline = NIODeadline.now() + TimeAmount(configuration.commandTimeout)
        do {
            try machine.request(
                ticket,
                command: commands.first?.name ?? "",
                count: replies,
                bytes: commands.reduce(0) { $0 + $1.encoded.readableBytes },
                deadline: deadline
            )
        } catch {
            return ticket.finish(.failure(error))
        }
        for command in commands { write(command, context) }
        watch(deadline, context)
    }

    /// Ends the connection for the given reason.
    func close(_ reason: RedisError) {
        guard let context else { return }
        if closeReason == nil { closeReason = reason }
        context.close(promise: nil)
    }

    private func write(_ command: RedisCommand, _ context: ChannelHandlerContext) {
        context.write(wrapOutboundOut(command.encoded), promise: nil)
        guard !isFlushPlanned else { return }
        isFlushPlanned = true
        context.eventLoop.assumeIsolated().execute {
            self.isFlushPlanned = false
            self.context?.flush()
        }
    }

    // MARK: Channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { open(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        open(context)
        context.fireChannelActive()
    }

    private func open(_ context: ChannelHandlerContext) {
        guard greetingTimer == nil, let command = machine.opened() else { return }
        let timeout = configuration.connectTimeout
        greetingTimer = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(timeout)) {
            self.close(.timedOut(command: "HELLO", after: timeout))
        }
        write(command, context)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard closeReason == nil else { return }
        parser.append(unwrapInboundIn(data))
        do {
            while closeReason == nil, let value = try parser.next() { carryOut(machine.received(value), context) }
        } catch {
            close(.badReply(error.description))
        }
    }

    private func carryOut(
        _ action: RedisConnectionMachine<ReplyTicket>.ReceiveAction,
        _ context: ChannelHandlerContext
    ) {
        switch action {
        case .none: break
        case .send(let command): write(command, context)
        case .reply(let ticket, let replies): ticket.finish(.success(replies))
        case .message(let channel, let payload): onMessage(channel, payload)
        case .close(let reason): close(reason)
        case .ready:
            greetingTimer?.cancel()
            planPing(context)
            ready.succeed()
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        close(.connectionClosed(reason: String(describing: error)))
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        end()
        self.context = nil
    }

    private func end() {
        let reason = closeReason ?? .connectionClosed(reason: "the server closed it.")
        closeReason = reason
        deadlineTimer?.task.cancel()
        pingTimer?.cancel()
        greetingTimer?.cancel()
        for ticket in machine.closed() { ticket.finish(.failure(.connectionClosed(reason: reason.description))) }
        ready.fail(reason)
        ended.succeed(reason)
    }

    // MARK: Time

    private func planPing(_ context: ChannelHandlerContext) {
        pingTimer = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(configuration.pingInterval)) {
            guard let context = self.context else { return }
            let deadline = NIODeadline.now() + TimeAmount(self.configuration.pingTimeout)
            guard self.machine.ping(deadline: deadline) else { return }
            self.write(RedisCommand("PING"), context)
            self.watch(deadline, context)
            self.planPing(context)
        }
    }

    /// One timer serves all deadlines: it is set for the earliest.
    private func watch(_ deadline: NIODeadline, _ context: ChannelHandlerContext) {
        if let deadlineTimer, deadlineTimer.time <= deadline { return }
        deadlineTimer?.task.cancel()
        let task = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) {
            self.deadlineTimer = nil
            self.expire()
        }
        deadlineTimer = (task, deadline)
    }

    private func expire() {
        let expiry = machine.expire(now: .now())
        for (ticket, command) in expiry.late {
            ticket.finish(.failure(.timedOut(command: command, after: configuration.commandTimeout)))
        }
        if expiry.isUnresponsive {
            return close(.timedOut(command: "PING", after: configuration.pingTimeout))
        }
        if let next = expiry.next, let context { watch(next, context) }
    }
}

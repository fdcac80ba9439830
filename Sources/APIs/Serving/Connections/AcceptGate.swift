import Logging
import NIOCore

/// Stops a listening socket from accepting while there is no place or no descriptor for another connection; clients wait
/// in the system's queue meanwhile.
///
/// The first handler of the listening channel, which is to accept one connection at a time. After a failure NIO leaves the socket registered as readable, and would
/// try again without a pause.
final class AcceptGate: ChannelDuplexHandler {
    typealias InboundIn = any Channel
    typealias OutboundIn = Never

    private let connections: ConnectionRegister
    private let logger: Logger
    private var backoff = AcceptBackoff()
    private var retry: Scheduled<Void>?
    /// Whether reading is off after a failure.
    private var isPaused = false
    private var isAwaitingRoom = false
    private var isAwaitingEnd = false

    init(connections: ConnectionRegister, logger: Logger) {
        self.connections = connections
        self.logger = logger
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if let episode = backoff.accepted(at: context.eventLoop.now) {
            logger.notice(
                "connections are accepted again",
                metadata: [
                    "failures": "\(episode.failures)",
                    "seconds": "\(Double(episode.duration.nanoseconds / 1_000_000) / 1000)",
                ]
            )
        }
        // Its place is looked for before the next connection is accepted. One that is closed already cannot be set up.
        guard connections.takeIn(unwrapInboundIn(data)) else { return }
        context.fireChannelRead(data)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // The channel closes itself after any other failure of its socket.
        guard let error = error as? IOError else { return context.fireErrorCaught(error) }
        guard retry == nil else { return }
        let (deadline, isFirst) = backoff.failed(at: context.eventLoop.now)
        if isFirst {
            logger.warning(
                "no connection can be accepted; new ones wait until others end",
                metadata: ["reason": "\(error)"]
            )
        }
        isPaused = true
        try? context.channel.syncOptions?.setOption(.autoRead, value: false)
        retry = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { self.tryAgain(context) }
        guard !isAwaitingEnd else { return }
        isAwaitingEnd = true
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let loop = context.eventLoop
        connections.whenOneEnds {
            loop.execute {
                let (gate, context) = bound.value
                gate.isAwaitingEnd = false
                gate.tryAgain(context)
            }
        }
    }

    func read(context: ChannelHandlerContext) {
        if connections.isFull { awaitRoom(context) } else { context.read() }
    }

    private func awaitRoom(_ context: ChannelHandlerContext) {
        guard !isAwaitingRoom else { return }
        isAwaitingRoom = true
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let loop = context.eventLoop
        connections.whenRoom {
            loop.execute {
                let (gate, context) = bound.value
                gate.isAwaitingRoom = false
                guard context.channel.isActive else { return }
                if !gate.isPaused {
                    gate.read(context: context)
                } else if gate.retry == nil {
                    gate.resume(context)
                }
            }
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        retry?.cancel()
        retry = nil
        context.fireChannelInactive()
    }

    private func tryAgain(_ context: ChannelHandlerContext) {
        guard let waiting = retry else { return }
        waiting.cancel()
        retry = nil
        resume(context)
    }

    /// Reads again, once there is a place: setting the option reads at once, without asking this handler.
    private func resume(_ context: ChannelHandlerContext) {
        guard !connections.isFull else { return awaitRoom(context) }
        isPaused = false
        try? context.channel.syncOptions?.setOption(.autoRead, value: true)
    }
}

/// Keeps what becomes of one connection from ending all listening: the end of the listening channel's pipeline takes every
/// error for one of the socket itself, also that of a connection which ended before it was set up. A listening socket that
/// fails is closed, and tells so by that.
final class AcceptFailures: ChannelInboundHandler {
    typealias InboundIn = any Channel

    private let logger: Logger

    init(logger: Logger) {
        self.logger = logger
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        logger.debug("a connection ended before it was set up", metadata: ["reason": "\(error)"])
    }
}

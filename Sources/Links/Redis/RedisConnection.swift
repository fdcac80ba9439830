import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// One open and greeted connection to a server.
struct RedisConnection: Sendable {
    private let handler: NIOLoopBound<RedisHandler>
    private let loop: any EventLoop
    private let ready: EventLoopFuture<Void>
    /// Why the connection ended, once it has.
    let ended: EventLoopFuture<RedisError>

    private init(handler: RedisHandler, ready: EventLoopFuture<Void>, ended: EventLoopFuture<RedisError>) {
        loop = ready.eventLoop
        self.handler = NIOLoopBound(handler, eventLoop: loop)
        self.ready = ready
        self.ended = ended
    }

    /// Connects and greets; gives up at once when the task is cancelled.
    static func connect(
        to configuration: RedisConfiguration,
        isSubscriber: Bool,
        on loop: any EventLoop,
        onMessage: @escaping @Sendable (String, ByteBuffer) -> Void
    ) async throws(RedisError) -> RedisConnection {
        let attempts = Attempts()
        do {
            return try await withTaskCancellationHandler {
                let tls = try configuration.tls.map { try NIOSSLContext(configuration: $0) }
                let connection = try await ClientBootstrap(group: loop)
                    .connectTimeout(TimeAmount(configuration.connectTimeout))
                    .channelOption(.socketOption(.tcp_nodelay), value: 1)
                    .connect(host: configuration.host, port: configuration.port) { channel in
                        attempts.add(channel)
                        return channel.eventLoop.makeCompletedFuture {
                            if let tls {
                                let name = configuration.host.isIPAddress ? nil : configuration.host
                                try channel.pipeline.syncOperations.addHandler(
                                    NIOSSLClientHandler(context: tls, serverHostname: name)
                                )
                            }
                            let ready = channel.eventLoop.makePromise(of: Void.self)
                            let ended = channel.eventLoop.makePromise(of: RedisError.self)
                            let handler = RedisHandler(
                                configuration: configuration,
                                isSubscriber: isSubscriber,
                                ready: ready,
                                ended: ended,
                                onMessage: onMessage
                            )
                            try channel.pipeline.syncOperations.addHandler(handler)
                            return RedisConnection(
                                handler: handler,
                                ready: ready.futureResult,
                                ended: ended.futureResult
                            )
                        }
                    }
                try await connection.ready.get()
                return connection
            } onCancel: {
                attempts.cancel()
            }
        } catch let error as RedisError {
            throw error
        } catch {
            if Task.isCancelled { throw .cancelled }
            throw .connectFailed(reason: "\(configuration): \(error)")
        }
    }

    /// Sends commands together and waits for all their replies, which come in the same order.
    func send(_ commands: [RedisCommand], replies: Int) async throws(RedisError) -> [RESPValue] {
        let ticket = ReplyTicket()
        if loop.inEventLoop {
            handler.value.send(commands, replies: replies, ticket)
        } else {
            loop.execute { handler.value.send(commands, replies: replies, ticket) }
        }
        return try await ticket.replies().get()
    }

    /// Ends the connection for the given reason.
    func close(_ reason: RedisError) {
        loop.execute { handler.value.close(reason) }
    }
}

/// The channels of an attempt to connect, so that it can be given up.
private final class Attempts: Sendable {
    private let state = Mutex((channels: [any Channel](), isCancelled: false))

    func add(_ channel: any Channel) {
        let isCancelled = state.withLock { state in
            state.channels.append(channel)
            return state.isCancelled
        }
        if isCancelled { channel.close(promise: nil) }
    }

    func cancel() {
        let channels = state.withLock { state in
            state.isCancelled = true
            return state.channels
        }
        for channel in channels { channel.close(promise: nil) }
    }
}

extension String {
    fileprivate var isIPAddress: Bool { (try? SocketAddress(ipAddress: self, port: 0)) != nil }
}

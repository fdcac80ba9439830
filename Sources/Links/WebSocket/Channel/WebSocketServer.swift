public import NIOCore
import NIOPosix
import Synchronization

/// The server side of all WebSockets that share limits and a purpose.
///
/// It admits connections before their handshake is answered, takes over their sockets, and closes them all in the end.
public final class WebSocketServer: Sendable {
    /// Why a connection cannot be had.
    public enum Refusal: Error, CustomStringConvertible {
        /// The server has as many as it takes.
        case full
        /// The client's address has as many as it may.
        case fullForAddress
        /// The server is on its way out.
        case shuttingDown

        /// One sentence.
        public var description: String {
            switch self {
            case .full: "The server has as many WebSocket connections as it takes; try again later."
            case .fullForAddress: "This address has as many WebSocket connections as it may."
            case .shuttingDown: "The server is shutting down."
            }
        }
    }

    /// How connections behave.
    public let options: WebSocketOptions
    private let groups: [ObjectIdentifier: NIOLoopBoundBox<WebSocketGroup>]
    private let loops: [any EventLoop]
    private let admissions: Mutex<Admissions>

    /// A server whose connections live on the loops of `eventLoopGroup`: at most `maxConnections` at one time, and at
    /// most `maxConnectionsPerAddress` from one IP address.
    public init(
        eventLoopGroup: any EventLoopGroup,
        options: WebSocketOptions,
        maxConnections: Int,
        maxConnectionsPerAddress: Int
    ) {
        self.options = options
        admissions = Mutex(Admissions(limit: maxConnections, limitPerAddress: maxConnectionsPerAddress))
        loops = Array(eventLoopGroup.makeIterator())
        var groups: [ObjectIdentifier: NIOLoopBoundBox<WebSocketGroup>] = [:]
        for loop in loops {
            let group = WebSocketGroup(eventLoop: loop, options: options)
            groups[ObjectIdentifier(loop)] = .makeBoxSendingValue(group, eventLoop: loop)
        }
        self.groups = groups
    }

    /// The connections there are, and those whose handshake is being answered.
    public var connectionCount: Int { admissions.withLock { $0.count } }

    /// Takes a place for a connection from an IP address. Throws `Refusal`.
    public func admit(_ address: String) throws(Refusal) -> Admission {
        let refusal: Admissions.Refusal? = admissions.withLock { admissions in
            do throws(Admissions.Refusal) {
                try admissions.admit(address)
                return nil
            } catch {
                return error
            }
        }
        switch refusal {
        case nil: return Admission(address: address, server: self)
        case .tooMany: throw .full
        case .tooManyFromAddress: throw .fullForAddress
        case .shuttingDown: throw .shuttingDown
        }
    }

    func release(_ address: String) {
        let waiters = admissions.withLock { $0.release(address) }
        for waiter in waiters { waiter.resume() }
    }

    /// Makes a WebSocket of a socket whose opening handshake is done. To be called on the socket's event loop.
    ///
    /// The connection keeps its `admission` for as long as it lives. Its delegate is made when it is open.
    public func adopt(
        _ socket: consuming UpgradedSocket,
        compression: CompressionParameters?,
        admission: Admission,
        makeDelegate: @escaping @Sendable (WebSocketConnection) -> any WebSocketDelegate
    ) {
        let loop = socket.eventLoop
        guard let group = groups[ObjectIdentifier(loop)] else {
            preconditionFailure("a listener's loops are those of its WebSocket server")
        }
        let leftovers = socket.leftovers
        let carrier = socket.release()
        let makeConnection = { @Sendable [options] (writesDirectly: Bool) in
            WebSocketConnection(
                role: .server,
                options: options,
                compression: compression,
                group: group.value,
                writesDirectly: writesDirectly,
                admission: admission,
                makeDelegate: makeDelegate
            )
        }
        switch carrier {
        case .descriptor(let descriptor):
            ClientBootstrap(group: loop)
                .channelOption(.recvAllocator, value: Self.receiveBuffers)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(makeConnection(true))
                    }
                }
                .withConnectedSocket(descriptor)
                .whenSuccess { channel in
                    guard let leftovers else { return }
                    channel.pipeline.fireChannelRead(leftovers)
                }
        case .encrypted(let channel):
            do {
                try channel.syncOptions?.setOption(.recvAllocator, value: Self.receiveBuffers)
                let connection = makeConnection(false)
                try channel.pipeline.syncOperations.addHandler(connection)
                if let leftovers { connection.receive(leftovers) }
                // Whoever had the connection before may have held the last read back.
                channel.read()
            } catch {
                // The connection has ended meanwhile.
                channel.close(promise: nil)
            }
        case nil: break
        }
    }

    /// Most messages to a server are short, and a buffer stays with each connection.
    private static let receiveBuffers = AdaptiveRecvByteBufferAllocator(minimum: 64, initial: 256, maximum: 65_536)

    /// Tells the delegates of connections from which nothing was heard for so long that they have lost their peer.
    public func closeSilent(for silence: Duration) {
        for (loop, group) in groupsByLoop {
            loop.execute { group.value.closeSilent(for: TimeAmount(silence)) }
        }
    }

    private var groupsByLoop: [(any EventLoop, NIOLoopBoundBox<WebSocketGroup>)] {
        loops.compactMap { loop in groups[ObjectIdentifier(loop)].map { (loop, $0) } }
    }

    /// Takes no new connections, closes those there are, and returns when the last one is gone. When the task is cancelled
    /// those that are left are cut off.
    public func shutDown(_ code: CloseCode = .goingAway, reason: String = "The server is shutting down.") async {
        admissions.withLock { $0.shutDown() }
        for (loop, group) in groupsByLoop {
            loop.execute { group.value.closeAll(code, reason: reason) }
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let waiters = admissions.withLock { admissions in
                    let ready = admissions.wait(continuation)
                    // A cancellation from here on finds the waiter.
                    return Task.isCancelled ? ready + admissions.takeWaiters() : ready
                }
                for waiter in waiters { waiter.resume() }
            }
        } onCancel: {
            for (loop, group) in groupsByLoop { loop.execute { group.value.abortAll() } }
            let waiters = admissions.withLock { $0.takeWaiters() }
            for waiter in waiters { waiter.resume() }
        }
    }
}

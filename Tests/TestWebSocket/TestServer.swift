public import NIOCore
public import NIOPosix
public import WebSocket

/// A WebSocket server on 127.0.0.1 that answers the opening handshake by itself, without an HTTP server.
///
/// A connection is admitted when it is accepted, so that one whose handshake never comes counts too.
public final class TestServer: Sendable {
    /// What makes the delegate of each connection.
    public typealias MakeDelegate = @Sendable (WebSocketConnection) -> any WebSocketDelegate

    /// The server under test.
    public let sockets: WebSocketServer
    /// The port it listens at.
    public let port: Int
    private let listener: any Channel

    private init(sockets: WebSocketServer, listener: any Channel) throws {
        self.sockets = sockets
        self.listener = listener
        guard let port = listener.localAddress?.port else { throw ChannelError.unknownLocalAddress }
        self.port = port
    }

    /// Listens on loops of `group`. With `sendBuffer`, the kernel takes about so many bytes for a peer that does not read.
    static func start(
        _ sockets: WebSocketServer,
        on group: any EventLoopGroup,
        subprotocols: [String],
        greeting: ByteBuffer,
        sendBuffer: Int?,
        makeDelegate: @escaping MakeDelegate
    ) async throws -> TestServer {
        var bootstrap = ServerBootstrap(group: group)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        Doorman(
                            sockets: sockets,
                            subprotocols: subprotocols,
                            greeting: greeting,
                            makeDelegate: makeDelegate
                        )
                    )
                }
            }
        if let sendBuffer {
            bootstrap = bootstrap.childChannelOption(.socketOption(.so_sndbuf), value: SocketOptionValue(sendBuffer))
        }
        return try TestServer(sockets: sockets, listener: await bootstrap.bind(host: "127.0.0.1", port: 0).get())
    }

    /// Where clients find it.
    public var url: String { "ws://127.0.0.1:\(port)/" }

    /// Listens no more and cuts off the connections that are left.
    func stop() async {
        try? await listener.close()
        await withTaskGroup { group in
            group.addTask { [sockets] in await sockets.shutDown() }
            group.cancelAll()
        }
    }
}

/// Runs a server for the time of the body.
///
/// The bytes of `greeting` come with the answer to the handshake. With `sendBuffer`, the kernel takes about so many bytes
/// for a peer that does not read.
public func withTestServer<Result>(
    on group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
    options: WebSocketOptions = WebSocketOptions(),
    maxConnections: Int = 1000,
    maxConnectionsPerAddress: Int = 1000,
    subprotocols: [String] = [],
    greeting: ByteBuffer = ByteBuffer(),
    sendBuffer: Int? = nil,
    makeDelegate: @escaping TestServer.MakeDelegate,
    body: (TestServer) async throws -> Result
) async throws -> Result {
    let sockets = WebSocketServer(
        eventLoopGroup: group,
        options: options,
        maxConnections: maxConnections,
        maxConnectionsPerAddress: maxConnectionsPerAddress
    )
    let server = try await TestServer.start(
        sockets,
        on: group,
        subprotocols: subprotocols,
        greeting: greeting,
        sendBuffer: sendBuffer,
        makeDelegate: makeDelegate
    )
    do {
        let result = try await body(server)
        await server.stop()
        return result
    } catch {
        await server.stop()
        throw error
    }
}

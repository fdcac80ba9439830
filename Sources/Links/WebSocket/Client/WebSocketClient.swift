public import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// Connects to WebSocket servers.
public struct WebSocketClient: Sendable {
    /// What is asked for beside the address.
    public struct Request: Sendable {
        /// The server: `ws://…` or `wss://…`.
        public var url: String
        /// More headers, credentials for one.
        public var headers: [(name: String, value: String)]
        /// Subprotocols, the preferred first.
        public var subprotocols: [String]

        /// A request for a WebSocket.
        public init(_ url: String, headers: [(name: String, value: String)] = [], subprotocols: [String] = []) {
            self.url = url
            self.headers = headers
            self.subprotocols = subprotocols
        }
    }

    private let eventLoopGroup: any EventLoopGroup
    private let options: WebSocketOptions
    private let connectTimeout: Duration
    private let tls: TLSConfiguration

    /// A client whose connections live on `eventLoopGroup`, or on the loops that all have in common. A server must have answered within `connectTimeout`.
    public init(
        eventLoopGroup: (any EventLoopGroup)? = nil,
        options: WebSocketOptions = WebSocketOptions(),
        connectTimeout: Duration = .seconds(10)
    ) {
        self.init(
            eventLoopGroup: eventLoopGroup ?? MultiThreadedEventLoopGroup.singleton,
            options: options,
            connectTimeout: connectTimeout,
            tls: .makeClientConfiguration()
        )
    }

    init(
        eventLoopGroup: any EventLoopGroup,
        options: WebSocketOptions,
        connectTimeout: Duration,
        tls: TLSConfiguration
    ) {
        self.eventLoopGroup = eventLoopGroup
        self.options = options
        self.connectTimeout = connectTimeout
        self.tls = tls
    }

    /// Connects. Throws `WebSocketClientError`, or an error of the network.
    public func connect(_ request: Request) async throws -> WebSocketStream {
        let address = try WebSocketAddress(request.url)
        let loop = eventLoopGroup.next()
        let promise = loop.makePromise(of: WebSocketStream.self)
        let timeout = loop.scheduleTask(in: TimeAmount(connectTimeout)) { [connectTimeout] in
            promise.fail(WebSocketClientError(reason: .timedOut(connectTimeout)))
        }
        let handshake = ClientHandshake(protocols: request.subprotocols, compression: options.compression)
        let head = Self.head(request, address, handshake)
        let security = address.isSecure ? try NIOSSLContext(configuration: tls) : nil
        let connecting = ClientBootstrap(group: loop)
            .connectTimeout(TimeAmount(connectTimeout))
            .channelInitializer { [options] channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let security {
                        let name: String? = address.host.isIPAddress ? nil : address.host
                        try pipeline.addHandler(NIOSSLClientHandler(context: security, serverHostname: name))
                    }
                    let encoder = HTTPRequestEncoder()
                    let decoder = ByteToMessageHandler(HTTPResponseDecoder(leftOverBytesStrategy: .forwardBytes))
                    try pipeline.addHandlers(
                        encoder,
                        decoder,
                        HandshakeHandler(
                            request: head,
                            handshake: handshake,
                            options: options,
                            promise: promise,
                            encoder: encoder,
                            decoder: decoder
                        )
                    )
                }
            }
            .connect(host: address.host, port: address.port)
        connecting.whenFailure { promise.fail($0) }
        promise.futureResult.whenFailure { _ in connecting.whenSuccess { $0.close(promise: nil) } }
        defer { timeout.cancel() }
        return try await withTaskCancellationHandler {
            try await promise.futureResult.get()
        } onCancel: {
            promise.fail(CancellationError())
        }
    }

    private static func head(
        _ request: Request,
        _ address: WebSocketAddress,
        _ handshake: ClientHandshake
    ) -> HTTPRequestHead {
        var headers: HTTPHeaders = ["Host": address.authority]
        for (name, value) in handshake.requestHeaders { headers.add(name: name, value: value) }
        for (name, value) in request.headers { headers.replaceOrAdd(name: name, value: value) }
        return HTTPRequestHead(version: .http1_1, method: .GET, uri: address.target, headers: headers)
    }
}

extension String {
    /// Whether this is an IP address and no name.
    fileprivate var isIPAddress: Bool { (try? SocketAddress(ipAddress: self, port: 0)) != nil }
}

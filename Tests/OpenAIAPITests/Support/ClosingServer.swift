import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A server that answers the first requests of each connection and ends the connection at the next.
final class ClosingServer: Sendable {
    /// How a connection ends.
    enum End: Sendable {
        /// With no byte of an answer.
        case close
        /// Likewise, by a reset.
        case reset
        /// After some bytes of an answer's head.
        case afterPartOfAHead
    }

    /// What has arrived: whole requests, and connections.
    struct Counts: Equatable, Sendable {
        var requests = 0
        var connections = 0
    }

    private let state = Mutex(Counts())
    private let channel = Mutex<(any Channel)?>(nil)
    private let answers: Int
    private let end: End

    private init(answers: Int, end: End) {
        self.answers = answers
        self.end = end
    }

    /// Starts on a free port of this machine.
    static func start(answers: Int, end: End = .close) async throws -> ClosingServer {
        let server = ClosingServer(answers: answers, end: end)
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                server.state.withLock { $0.connections += 1 }
                return channel.pipeline.configureHTTPServerPipeline().flatMapThrowing {
                    try channel.pipeline.syncOperations.addHandler(Handler(server: server))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        server.channel.withLock { $0 = channel }
        return server
    }

    /// What has arrived so far.
    var counts: Counts { state.withLock { $0 } }

    var settings: [String] {
        ["model.url=http://127.0.0.1:\(channel.withLock { $0?.localAddress?.port } ?? 0)/v1"]
    }

    func close() async throws {
        try await channel.withLock { $0 }?.close()
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let server: ClosingServer
        private var answered = 0

        init(server: ClosingServer) {
            self.server = server
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard case .end = unwrapInboundIn(data) else { return }
            server.state.withLock { $0.requests += 1 }
            guard answered == server.answers else { return answer(context) }
            switch server.end {
            case .close:
                context.close(promise: nil)
            case .reset:
                // With nothing left to wait for, closing becomes a reset.
                (context.channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0))
                    .assumeIsolated().whenComplete { _ in context.close(promise: nil) }
            case .afterPartOfAHead:
                let socket = context.channel.pipeline.syncOperations
                guard let encoder = try? socket.context(handlerType: HTTPResponseEncoder.self) else { return }
                encoder.writeAndFlush(NIOAny(IOData.byteBuffer(ByteBuffer(string: "HTTP/1.1 20"))), promise: nil)
                context.close(promise: nil)
            }
        }

        private func answer(_ context: ChannelHandlerContext) {
            answered += 1
            let headers: HTTPHeaders = ["content-type": "application/json", "content-length": "2"]
            let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: headers)
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: "{}")))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }
}

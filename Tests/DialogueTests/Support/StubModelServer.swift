import Dialogue
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A real HTTP server on a free port of 127.0.0.1 that does what a test tells it to.
final class StubModelServer: Sendable {
    /// What the server does with a request, one step after the other.
    enum Step: Sendable {
        case head(Int, [String: String])
        case body(String)
        /// Ends the response in the proper way.
        case end
        /// Closes the connection whatever state it is in.
        case close
    }

    /// A request as it arrived.
    struct Request: Sendable {
        var method: HTTPMethod
        var path: String
        var headers: HTTPHeaders
        var body: Data
    }

    /// What happened to connections.
    enum Event: Sendable, Equatable {
        case requested
        case disconnected
    }

    let port: Int
    /// What happens, as it happens; for one reader.
    let events: AsyncStream<Event>
    private let channel: any Channel
    private let script: Script

    /// A server that does `replies[n]` with request n, and the last of them with all others. Steps that run out leave
    /// the response hanging.
    static func start(_ replies: [Step]...) async throws -> StubModelServer {
        let (events, continuation) = AsyncStream.makeStream(of: Event.self)
        let script = Script(replies: replies, events: continuation)
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Handler(script: script))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return StubModelServer(channel: channel, script: script, events: events)
    }

    private init(channel: any Channel, script: Script, events: AsyncStream<Event>) {
        self.channel = channel
        self.script = script
        self.events = events
        port = channel.localAddress?.port ?? 0
    }

    deinit {
        channel.close(promise: nil)
    }

    /// Stops listening.
    func close() async throws {
        try await channel.close()
    }

    var baseURL: String { "http://127.0.0.1:\(port)/v1" }
    var requests: [Request] { script.requests.withLock { $0 } }
    /// How many connections there have been.
    var connectionCount: Int { script.connections.withLock { $0 } }

    final class Script: Sendable {
        private let replies: [[Step]]
        let requests = Mutex<[Request]>([])
        let connections = Mutex(0)
        let events: AsyncStream<Event>.Continuation

        init(replies: [[Step]], events: AsyncStream<Event>.Continuation) {
            self.replies = replies
            self.events = events
        }

        func reply(to request: Request) -> [Step] {
            let number = requests.withLock {
                $0.append(request)
                return $0.count
            }
            events.yield(.requested)
            return replies.isEmpty ? [] : replies[min(number, replies.count) - 1]
        }
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let script: Script
        private var head: HTTPRequestHead?
        private var body = Data()

        init(script: Script) {
            self.script = script
        }

        func channelActive(context: ChannelHandlerContext) {
            script.connections.withLock { $0 += 1 }
            context.fireChannelActive()
        }

        func channelInactive(context: ChannelHandlerContext) {
            script.events.yield(.disconnected)
            context.fireChannelInactive()
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head):
                self.head = head
                body = Data()
            case .body(let bytes):
                body.append(contentsOf: bytes.readableBytesView)
            case .end:
                guard let head else { return }
                let request = Request(method: head.method, path: head.uri, headers: head.headers, body: body)
                for step in script.reply(to: request) { perform(step, context: context) }
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            context.close(promise: nil)
        }

        private func perform(_ step: Step, context: ChannelHandlerContext) {
            switch step {
            case .head(let status, let headers):
                let fields = HTTPHeaders(headers.map { ($0.key, $0.value) })
                let head = HTTPResponseHead(
                    version: .http1_1,
                    status: HTTPResponseStatus(statusCode: status),
                    headers: fields
                )
                context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
            case .body(let text):
                context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: text)))), promise: nil)
            case .end:
                context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            case .close:
                context.close(promise: nil)
            }
        }
    }
}

extension [StubModelServer.Step] {
    static let head: Self = [.head(200, ["Content-Type": "text/event-stream"])]
    static let done: Self = [.body("data: [DONE]\n\n"), .end]

    static func token(_ text: String) -> Self {
        [.body(#"data: {"choices":[{"index":0,"delta":{"content":"\#(text)"}}]}"# + "\n\n")]
    }

    static func answer(_ texts: String...) -> Self {
        head + texts.flatMap { token($0) } + done
    }

    static func status(_ status: Int, _ body: String = "", headers: [String: String] = [:]) -> Self {
        let fields = headers.merging(["Content-Length": String(body.utf8.count)]) { given, _ in given }
        return [.head(status, fields), .body(body), .end]
    }
}

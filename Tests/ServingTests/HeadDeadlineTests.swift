import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import NIOEmbedded
import NIOHTTPTypes
import NIOPosix
import Testing

@testable import Serving

@Suite(.timeLimit(.minutes(5))) struct HeadDeadlineTests {
    private static let head = HTTPRequestPart.head(
        HTTPRequest(method: .get, scheme: "http", authority: "localhost", path: "/")
    )
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)
    private var clock = HeadClock(limit: .seconds(10))

    @Test mutating func `a head that comes at once, and its body, have no deadline`() {
        clock.received(Self.head)
        clock.readEnded(at: start)
        #expect(clock.deadline == nil)
        // More of the body.
        clock.readEnded(at: start + .seconds(1))
        clock.received(.end(nil))
        clock.readEnded(at: start + .seconds(2))
        #expect(clock.deadline == nil)
    }

    @Test mutating func `more bytes do not put the deadline of a head off`() {
        clock.readEnded(at: start)
        clock.readEnded(at: start + .seconds(9))
        #expect(clock.deadline == start + .seconds(10))
        #expect(!clock.isOver(at: start + .seconds(9)))
        #expect(clock.isOver(at: start + .seconds(10)))
    }

    @Test mutating func `a head that is complete in time is not refused, and neither is a quiet connection`() {
        clock.readEnded(at: start)
        clock.received(Self.head)
        clock.received(.end(nil))
        clock.readEnded(at: start + .seconds(9))
        #expect(clock.deadline == nil)
        clock.answered(at: start + .seconds(20))
        #expect(clock.deadline == nil)
        clock.readEnded(at: start + .seconds(100))
        #expect(clock.deadline == start + .seconds(110))
    }

    @Test mutating func `the time of a head does not run while answers are due`() {
        clock.received(Self.head)
        clock.received(.end(nil))
        clock.readEnded(at: start)
        clock.readEnded(at: start + .seconds(1))
        #expect(clock.deadline == nil)
        clock.answered(at: start + .seconds(60))
        #expect(clock.deadline == start + .seconds(70))
    }

    @Test mutating func `after a request for an upgrade nothing is looked at`() {
        var head = HTTPRequest(method: .get, scheme: "http", authority: "localhost", path: "/")
        head.headerFields[.upgrade] = "websocket"
        clock.received(.head(head))
        clock.received(.end(nil))
        clock.answered(at: start)
        clock.readEnded(at: start + .seconds(1))
        #expect(clock.deadline == nil)
    }

    @Test mutating func `a connection is idle until bytes come, and again when all is answered`() {
        #expect(clock.isIdle)
        clock.readEnded(at: start)
        #expect(!clock.isIdle)
        clock.received(Self.head)
        clock.received(.end(nil))
        clock.readEnded(at: start)
        #expect(!clock.isIdle)
        clock.answered(at: start)
        #expect(clock.isIdle)
    }

    @Test(arguments: [false, true]) func `only a connection without bytes gives its place to another`(
        hasBytes: Bool
    ) throws {
        let register = ConnectionRegister(total: 1, perAddress: 1, reserve: 0)
        let channel = EmbeddedChannel()
        let place = try register.admit(channel).wait()
        try channel.pipeline.syncOperations.addHandler(HeadDeadline(limit: .seconds(10), place: place))
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        if hasBytes { channel.pipeline.fireChannelReadComplete() }
        #expect(register.isFull == hasBytes)
        let newcomer = EmbeddedChannel()
        let admission = register.admit(newcomer)
        channel.embeddedEventLoop.run()
        #expect(channel.isActive == hasBytes)
        if hasBytes {
            #expect(throws: ChannelError.self) { try admission.wait() }
        } else {
            #expect(try admission.wait().role == .regular)
            _ = try newcomer.finish()
        }
    }

    @Test func `a head that does not end is answered with 408 and the connection is closed`() async throws {
        let router = Router(context: ServingContext.self)
        router.get("fine") { _, _ in "fine" }
        let app = Application(
            router: router,
            server: .http1(
                configuration: .init(additionalChannelHandlers: [HeadDeadline(limit: .milliseconds(100))])
            )
        )
        try await app.test(.live) { client in
            let request = "GET /fine HTTP/1.1\r\nHost: localhost\r\n"
            // The second of two requests on one connection is never complete.
            let received = try await Self.exchange(["\(request)\r\n", request, "X-A: "], port: client.port ?? 0)
            #expect(received.hasPrefix("HTTP/1.1 200"))
            #expect(received.contains("HTTP/1.1 408"))
        }
    }

    /// Sends the pieces, each once there is an answer to what was sent first, and reads until the server closes.
    private static func exchange(_ pieces: [String], port: Int) async throws -> String {
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            var rest = pieces[...]
            var received = ""
            if let first = rest.popFirst() { try await outbound.write(ByteBuffer(string: first)) }
            for try await buffer in inbound {
                received += String(buffer: buffer)
                // The connection may be closed before the last of them.
                for piece in rest { try? await outbound.write(ByteBuffer(string: piece)) }
                rest = []
            }
            return received
        }
    }
}

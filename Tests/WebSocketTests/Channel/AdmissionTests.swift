import NIOCore
import NIOPosix
import TestRedis
import TestWebSocket
import Testing

@testable import WebSocket

@Suite(.timeLimit(.minutes(5))) struct AdmissionTests {
    @Test func `only so many are admitted in all`() throws {
        var admissions = Admissions(limit: 2, limitPerAddress: 2)
        try admissions.admit("a")
        try admissions.admit("b")
        #expect(throws: Admissions.Refusal.tooMany) { try admissions.admit("c") }
        _ = admissions.release("a")
        try admissions.admit("c")
        #expect(admissions.count == 2)
    }

    @Test func `only so many are admitted from one address`() throws {
        var admissions = Admissions(limit: 10, limitPerAddress: 2)
        try admissions.admit("a")
        try admissions.admit("a")
        #expect(throws: Admissions.Refusal.tooManyFromAddress) { try admissions.admit("a") }
        try admissions.admit("b")
        _ = admissions.release("a")
        try admissions.admit("a")
        #expect(throws: Admissions.Refusal.tooManyFromAddress) { try admissions.admit("a") }
    }

    @Test func `nobody is admitted while shutting down`() {
        var admissions = Admissions(limit: 10, limitPerAddress: 2)
        admissions.shutDown()
        #expect(throws: Admissions.Refusal.shuttingDown) { try admissions.admit("a") }
    }

    @Test func `a place is given back when nobody holds it`() throws {
        let server = WebSocketServer(
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
            options: WebSocketOptions(),
            maxConnections: 1,
            maxConnectionsPerAddress: 1
        )
        do {
            let admission = try server.admit("a")
            #expect(throws: WebSocketServer.Refusal.full) { try server.admit("b") }
            withExtendedLifetime(admission) {}
        }
        #expect(server.connectionCount == 0)
        _ = try server.admit("b")
    }

    @Test func `a connection that ends makes room for another of its address`() async throws {
        let sockets = ServerSockets()
        try await withTestServer(maxConnectionsPerAddress: 2) { connection in
            RecordingDelegate(connection, in: sockets)
        } body: { server in
            let first = try await WebSocketClient().connect(.init(server.url))
            let second = try await WebSocketClient().connect(.init(server.url))
            let refusal = await #expect(throws: WebSocketClientError.self) {
                try await WebSocketClient().connect(.init(server.url))
            }
            #expect(refusal?.status == 503)
            await first.close()
            #expect(await eventually { server.sockets.connectionCount == 1 })
            let third = try await WebSocketClient().connect(.init(server.url))
            #expect(second.ending == nil)
            #expect(third.ending == nil)
        }
    }

    @Test func `a client that leaves in the middle of its handshake gives its place back`() async throws {
        try await withTestServer(maxConnections: 1) { connection in
            RecordingDelegate(connection, in: ServerSockets())
        } body: { server in
            try await withRawPeer(of: server) { peer in
                #expect(await eventually { server.sockets.connectionCount == 1 })
            }
            #expect(await eventually { server.sockets.connectionCount == 0 })
            let next = try await WebSocketClient().connect(.init(server.url))
            #expect(next.ending == nil)
            #expect(server.sockets.connectionCount == 1)
        }
    }

    @Test func `a client that is gone when its handshake is answered gives its place back`() async throws {
        try await withTestServer { connection in
            RecordingDelegate(connection, in: ServerSockets())
        } body: { server in
            for _ in 1...20 {
                try await withRawPeer(of: server) { peer in
                    try await peer.send(ByteBuffer(string: ClientHandshake.request))
                }
            }
            await server.sockets.shutDown()
            #expect(server.sockets.connectionCount == 0)
        }
    }
}

extension ClientHandshake {
    /// A whole request.
    fileprivate static var request: String {
        let fields = ClientHandshake().requestHeaders.map { "\($0.name): \($0.value)\r\n" }.joined()
        return "GET / HTTP/1.1\r\nHost: localhost\r\n\(fields)\r\n"
    }
}

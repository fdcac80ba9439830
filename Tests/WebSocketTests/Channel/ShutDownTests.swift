import NIOCore
import TestRedis
import TestWebSocket
import Testing

@testable import WebSocket

@Suite(.timeLimit(.minutes(5))) struct ShutDownTests {
    private let sockets = ServerSockets()

    private func withServer(closeTimeout: Duration = .seconds(60), body: (TestServer) async throws -> Void) async throws
    {
        var options = WebSocketOptions()
        options.closeTimeout = closeTimeout
        let sockets = sockets
        try await withTestServer(
            options: options,
            makeDelegate: { RecordingDelegate($0, in: sockets) },
            body: body
        )
    }

    @Test func `all connections are closed with 1001 before it returns`() async throws {
        try await withServer { server in
            var streams: [WebSocketStream] = []
            for _ in 1...300 { streams.append(try await WebSocketClient().connect(.init(server.url))) }
            #expect(server.sockets.connectionCount == 300)
            await server.sockets.shutDown()
            #expect(server.sockets.connectionCount == 0)
            for stream in streams {
                #expect(await stream.next() == nil)
                #expect(stream.ending == .init(code: .goingAway, reason: "The server is shutting down."))
            }
            let refusal = await #expect(throws: WebSocketClientError.self) {
                try await WebSocketClient().connect(.init(server.url))
            }
            #expect(refusal?.status == 503)
        }
    }

    @Test func `it returns at once where nobody is connected`() async throws {
        try await withServer { server in
            await server.sockets.shutDown()
            await server.sockets.shutDown()
            #expect(throws: WebSocketServer.Refusal.self) { try server.sockets.admit("a") }
        }
    }

    @Test func `a connection whose handshake is answered meanwhile is closed with 1001 too`() async throws {
        try await withServer { server in
            try await withRawPeer(of: server) { peer in
                #expect(await eventually { server.sockets.connectionCount == 1 })
                try await withThrowingDiscardingTaskGroup { group in
                    group.addTask { await server.sockets.shutDown() }
                    #expect(await eventually { (try? server.sockets.admit("another")) == nil })
                    #expect(try await peer.open() == 101)
                    guard case .close(let echo?, let code, _, _) = try await peer.next() else {
                        Issue.record("no close frame came")
                        return
                    }
                    #expect(code == .goingAway)
                    try await peer.send(echo)
                    #expect(try await peer.next() == nil)
                }
            }
            #expect(server.sockets.connectionCount == 0)
            #expect(try await sockets.socket().closed() == .goingAway)
        }
    }

    @Test func `a peer that does not answer the close frame is cut off`() async throws {
        try await withServer(closeTimeout: .milliseconds(10)) { server in
            try await withRawPeer(of: server) { peer in
                try await peer.open()
                let socket = try await sockets.socket()
                await server.sockets.shutDown()
                #expect(await socket.closed() == .goingAway)
                guard case .close = try await peer.next() else {
                    Issue.record("no close frame came")
                    return
                }
                #expect(try await peer.next() == nil)
            }
        }
    }

    @Test func `cancelling it cuts off those that are left`() async throws {
        try await withServer { server in
            try await withRawPeer(of: server) { peer in
                try await peer.open()
                let socket = try await sockets.socket()
                try await withThrowingDiscardingTaskGroup { group in
                    group.addTask { await server.sockets.shutDown() }
                    guard case .close = try await peer.next() else {
                        Issue.record("no close frame came")
                        return
                    }
                    group.cancelAll()
                }
                #expect(await socket.closed() == .goingAway)
                #expect(try await peer.next() == nil)
            }
        }
    }

    @Test func `a task that is cancelled already cuts them off at once`() async throws {
        try await withServer { server in
            try await withRawPeer(of: server) { peer in
                try await peer.open()
                let socket = try await sockets.socket()
                await withDiscardingTaskGroup { group in
                    group.cancelAll()
                    group.addTask { await server.sockets.shutDown() }
                }
                #expect(await socket.closed() != nil)
            }
            // The connection is counted until its channel has gone.
            #expect(await eventually { server.sockets.connectionCount == 0 })
        }
    }

    @Test func `a peer that reads slowly gets all that was sent before the close frame`() async throws {
        try await withServer { server in
            try await withRawPeer(of: server) { peer in
                try await peer.open()
                let count = try await sockets.socket().run { connection in
                    var count = 0
                    while connection.queuedBytes < 500_000 {
                        connection.send(.text(numbered(count, bytes: 20_000)))
                        count += 1
                    }
                    return count
                }
                try await withThrowingDiscardingTaskGroup { group in
                    group.addTask { await server.sockets.shutDown() }
                    for expected in 0..<count { #expect(try await peer.text().flatMap(number) == expected) }
                    guard case .close(let echo?, .goingAway, _, _) = try await peer.next() else {
                        Issue.record("no close frame came")
                        return
                    }
                    try await peer.send(echo)
                }
            }
        }
    }
}

import NIOCore
import NIOPosix
import TestRedis
import TestWebSocket
import Testing
import WebSocket

@Suite(.timeLimit(.minutes(5))) struct LivenessTests {
    private let sockets = ServerSockets()

    /// Everything is on loops of its own: others that stand still for some time must not look like peers that do.
    private func withServer(
        options: WebSocketOptions,
        body: (TestServer, any EventLoopGroup) async throws -> Void
    ) async throws {
        let loops = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let sockets = sockets
        try await withTestServer(
            on: loops,
            options: options,
            makeDelegate: { RecordingDelegate($0, in: sockets) },
            body: { try await body($0, loops) }
        )
        try await loops.shutdownGracefully()
    }

    @Test func `a peer that answers pings stays, and one that does not is given up`() async throws {
        var options = WebSocketOptions()
        options.pingInterval = .milliseconds(10)
        options.pingTimeout = .seconds(15)
        try await withServer(options: options) { server, loops in
            let lively = try await WebSocketClient(eventLoopGroup: loops).connect(.init(server.url))
            _ = try await sockets.socket()
            try await withRawPeer(of: server, on: loops) { peer in
                try await peer.open()
                let silent = try await sockets.socket(2)
                for _ in 1...2 {
                    guard case .send(let pong) = try await peer.next() else {
                        Issue.record("no ping came")
                        return
                    }
                    try await peer.send(pong)
                }
                #expect(!silent.events.elements.contains { $0.closeCode != nil })
                // The third ping is not answered.
                guard case .send = try await peer.next() else {
                    Issue.record("no ping came")
                    return
                }
                #expect(await silent.closed() == .abnormal)
            }
            #expect(lively.ending == nil)
        }
    }

    @Test func `those who were silent for some time are given up on demand`() async throws {
        try await withServer(options: WebSocketOptions()) { server, loops in
            let stream = try await WebSocketClient(eventLoopGroup: loops).connect(.init(server.url))
            let socket = try await sockets.socket()
            server.sockets.closeSilent(for: .seconds(3600))
            try await stream.send(.text("still here"))
            await socket.messages(1)
            server.sockets.closeSilent(for: .zero)
            #expect(await stream.next() == nil)
            #expect(await socket.closed() == .abnormal)
        }
    }
}

import NIOCore
import NIOPosix
import TestRedis
import TestWebSocket
import Testing

@testable import WebSocket

@Suite(.timeLimit(.minutes(5))) struct StreamTests {
    private let sockets = ServerSockets()

    private func withServer(
        options: WebSocketOptions = WebSocketOptions(),
        body: (TestServer) async throws -> Void
    ) async throws {
        let sockets = sockets
        try await withTestServer(
            options: options,
            makeDelegate: { RecordingDelegate($0, in: sockets) },
            body: body
        )
    }

    @Test func `senders wait for a peer that does not read, and go on when it does`() async throws {
        let (senders, each) = (16, 50)
        try await withServer { server in
            let stream = try await WebSocketClient().connect(.init(server.url))
            let socket = try await sockets.socket()
            try await withThrowingTaskGroup { group in
                for sender in 0..<senders {
                    group.addTask {
                        for number in 0..<each {
                            try await stream.send(.text(numbered(number, bytes: 20_000 + sender)))
                        }
                    }
                }
                // The peer stops and goes on many times, whatever the senders do.
                for pause in 1...40 {
                    try await socket.run { $0.setReading(false) }
                    try await socket.run { $0.setReading(true) }
                    await socket.messages(pause * 10)
                }
                try await group.waitForAll()
            }
            let messages = await socket.messages(senders * each)
            for sender in 0..<senders {
                let numbers = messages.filter { $0.payload.readableBytes == 20_000 + sender }
                    .map { number(of: $0.string) }
                #expect(numbers == Array(0..<each))
            }
            #expect(stream.ending == nil)
        }
    }

    @Test func `messages larger than what may wait go one after the other`() async throws {
        var options = WebSocketOptions()
        options.limits = WebSocketLimits(maxFrameBytes: 4_000_000, maxMessageBytes: 4_000_000)
        try await withServer(options: options) { server in
            let stream = try await WebSocketClient().connect(.init(server.url))
            let socket = try await sockets.socket()
            try await socket.run { $0.setReading(false) }
            async let sending: Void = {
                for number in 0..<10 { try await stream.send(.text(numbered(number, bytes: 3_000_000))) }
            }()
            #expect(await eventually { stream.mailbox.isCongested || stream.ending != nil })
            try await socket.run { $0.setReading(true) }
            try await sending
            #expect(await socket.messages(10).map { number(of: $0.string) } == Array(0..<10))
            #expect(stream.ending == nil)
        }
    }

    @Test func `a sender that is cancelled does not wait`() async throws {
        try await withServer { server in
            let stream = try await WebSocketClient().connect(.init(server.url))
            let socket = try await sockets.socket()
            try await socket.run { $0.setReading(false) }
            await withTaskGroup { group in
                group.addTask {
                    do {
                        while true { try await stream.send(.text(numbered(0, bytes: 100_000))) }
                    } catch {
                        return error is CancellationError
                    }
                }
                // So much that the sender waits by now, as a rule.
                #expect(await eventually { stream.mailbox.isCongested })
                group.cancelAll()
                #expect(await group.next() == true)
            }
            #expect(stream.ending == nil)
            try await socket.run { $0.setReading(true) }
            try await stream.send(.text("still here"))
        }
    }

    @Test func `senders learn that the connection has ended`() async throws {
        try await withServer { server in
            let stream = try await WebSocketClient().connect(.init(server.url))
            let socket = try await sockets.socket()
            try await socket.run { $0.setReading(false) }
            try await withThrowingTaskGroup { group in
                for _ in 1...4 {
                    group.addTask {
                        await #expect(throws: WebSocketClosed.self) {
                            while true { try await stream.send(.text(numbered(0, bytes: 100_000))) }
                        }
                    }
                }
                #expect(await eventually { stream.mailbox.isCongested })
                try await socket.run { $0.abort() }
                try await group.waitForAll()
            }
        }
    }

    @Test func `a reader that is cancelled reads no more, and the connection stays`() async throws {
        try await withServer { server in
            let stream = try await WebSocketClient().connect(.init(server.url))
            await withTaskGroup { group in
                group.addTask { await stream.next() }
                group.cancelAll()
                #expect(await group.next() == .some(nil))
            }
            try await stream.send(.text("still here"))
            #expect(try await sockets.socket().messages(1).map(\.string) == ["still here"])
        }
    }

    @Test func `the connection ends with the last who holds the stream`() async throws {
        try await withServer { server in
            do {
                let stream = try await WebSocketClient().connect(.init(server.url))
                try await stream.send(.text("hello"))
                try await sockets.socket().messages(1)
            }
            #expect(try await sockets.socket().closed() == .abnormal)
        }
    }

    @Test func `while nobody reads the peer has to wait, and nothing is lost`() async throws {
        var options = WebSocketOptions()
        options.queueBytes = 64 << 20
        try await withServer(options: options) { server in
            let stream = try await WebSocketClient().connect(.init(server.url))
            let socket = try await sockets.socket()
            // More than what the kernel holds for two sockets.
            try await socket.run { connection in
                for number in 0..<500 { connection.send(.text(numbered(number, bytes: 50_000))) }
            }
            #expect(try await socket.run { $0.queuedBytes } > 0)
            for expected in 0..<500 {
                #expect(await stream.next().flatMap { number(of: $0.string) } == expected)
            }
        }
    }

    @Test func `a server that does not answer is given up in time`() async throws {
        let silent = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(silent.localAddress?.port)
        let failure = await #expect(throws: WebSocketClientError.self) {
            try await WebSocketClient(connectTimeout: .milliseconds(50)).connect(.init("ws://127.0.0.1:\(port)/"))
        }
        #expect(failure?.description.contains("did not answer within") == true)
        try await silent.close()
    }

    @Test func `several tasks that read get each message once, and one that is cancelled takes none`() async throws {
        try await withServer { server in
            let stream = try await WebSocketClient().connect(.init(server.url))
            let socket = try await sockets.socket()
            let cancelled = Task { await stream.first { _ in true } }
            let read = try await withThrowingTaskGroup(of: [Int?].self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        var numbers: [Int?] = []
                        for await message in stream { numbers.append(number(of: message.string)) }
                        return numbers
                    }
                }
                cancelled.cancel()
                #expect(await cancelled.value == nil)
                for number in 1...200 {
                    try await socket.run { _ = $0.send(.text(ByteBuffer(string: numbered(number, bytes: 100)))) }
                }
                try await socket.run { $0.close(.normal, reason: "") }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(read.compactMap { $0 }.sorted() == Array(1...200))
        }
    }
}

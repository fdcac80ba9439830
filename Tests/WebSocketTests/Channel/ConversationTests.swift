import NIOCore
import TestRedis
import TestWebSocket
import Testing

@testable import WebSocket

@Suite(.timeLimit(.minutes(5))) struct ConversationTests {
    private let sockets = ServerSockets()

    /// A server that says again what it hears.
    private func withEcho(
        options: WebSocketOptions = WebSocketOptions(),
        subprotocols: [String] = [],
        body: (TestServer) async throws -> Void
    ) async throws {
        let sockets = sockets
        try await withTestServer(
            options: options,
            subprotocols: subprotocols,
            makeDelegate: { connection in
                RecordingDelegate(connection, in: sockets) { $0.answer($1) }
            },
            body: body
        )
    }

    private func client(options: WebSocketOptions = WebSocketOptions()) -> WebSocketClient {
        WebSocketClient(options: options)
    }

    @Test func `text and binary messages go both ways`() async throws {
        try await withEcho { server in
            let stream = try await client().connect(.init(server.url))
            let messages: [WebSocketMessage] = [
                .text("héllo"), .binary(ByteBuffer(bytes: [0, 255, 1])), .text(""), .binary(ByteBuffer()),
                .text(String(repeating: "€", count: 50_000)),
            ]
            for message in messages {
                try await stream.send(message)
                #expect(await stream.next() == message)
            }
            await stream.close(CloseCode(rawValue: 4000), reason: "enough")
            #expect(stream.ending == .init(code: CloseCode(rawValue: 4000), reason: "enough"))
            #expect(try await sockets.socket().closed() == CloseCode(rawValue: 4000))
        }
    }

    @Test func `compressed messages go both ways`() async throws {
        var options = WebSocketOptions()
        options.compression = CompressionOptions()
        try await withEcho(options: options) { server in
            let stream = try await client(options: options).connect(.init(server.url))
            let message = WebSocketMessage.text(String(repeating: "the same again, ", count: 5000))
            try await stream.send(message)
            #expect(await stream.next() == message)
            #expect(try await sockets.socket().run { $0.takesPlainFrames } == false)
        }
    }

    @Test func `a message of five megabytes goes both ways where the limits allow it`() async throws {
        var options = WebSocketOptions()
        options.limits = WebSocketLimits(maxFrameBytes: 6_000_000, maxMessageBytes: 6_000_000)
        try await withEcho(options: options) { server in
            let stream = try await client(options: options).connect(.init(server.url))
            let bytes = (0..<5_000_000).map { UInt8(truncatingIfNeeded: $0 ^ $0 >> 8) }
            let message = WebSocketMessage.binary(ByteBuffer(bytes: bytes))
            try await stream.send(message)
            #expect(await stream.next() == message)
        }
    }

    @Test(arguments: [2000, 5_000_000]) func `who sends more than the limit learns why it is cut off`(
        bytes: Int
    ) async throws {
        var options = WebSocketOptions()
        options.limits = WebSocketLimits(maxFrameBytes: 1000, maxMessageBytes: 1000)
        try await withEcho(options: options) { server in
            let stream = try await client().connect(.init(server.url))
            try await stream.send(.binary(ByteBuffer(repeating: 1, count: bytes)))
            #expect(await stream.next() == nil)
            #expect(stream.ending?.code == .tooBig)
            #expect(try await sockets.socket().closed() == .tooBig)
        }
    }

    @Test func `a connection that broke a rule ends without a reset, which could take the reason back`() async throws {
        try await withEcho { server in
            try await withRawPeer(of: server) { peer in
                try await peer.open()
                // An unmasked frame, and much that nobody will read.
                var bytes = frame("forbidden")
                bytes.writeRepeatingByte(0, count: 300_000)
                try await peer.send(bytes)
                guard case .close(_, .protocolError, _, _) = try await peer.next() else {
                    Issue.record("no close frame came")
                    return
                }
                #expect(try await peer.next() == nil)
            }
            #expect(try await sockets.socket().closed() == .protocolError)
        }
    }

    @Test func `the first subprotocol of the client that the server speaks is agreed on`() async throws {
        try await withEcho(subprotocols: ["two", "three"]) { server in
            let agreed = try await client().connect(.init(server.url, subprotocols: ["one", "three", "two"]))
            #expect(agreed.subprotocol == "three")
            let none = try await client().connect(.init(server.url, subprotocols: ["four"]))
            #expect(none.subprotocol == nil)
        }
    }

    @Test func `frames right behind the request are read first, and a frame may end later`() async throws {
        try await withEcho { server in
            let answers = try await withRawPeer(of: server) { peer in
                var early = peer.frame("1")
                early.writeImmutableBuffer(peer.frame("2"))
                var third = peer.frame("3 in two pieces")
                early.writeBuffer(&third)
                let cut = early.readSlice(length: early.readableBytes - 5) ?? ByteBuffer()
                try await peer.open(followedBy: cut)
                try await peer.send(early)
                try await peer.send("4")
                var answers: [String?] = []
                for _ in 1...4 { answers.append(try await peer.text()) }
                return answers
            }
            #expect(answers == ["1", "2", "3 in two pieces", "4"])
        }
    }

    @Test func `frames that come with the answer are read first, and a ping among them is answered`() async throws {
        var greeting = frame("1")
        greeting.writeImmutableBuffer(FrameEncoder.frame(.ping, ByteBuffer(string: "there?")))
        greeting.writeImmutableBuffer(frame("2"))
        let sockets = sockets
        try await withTestServer(greeting: greeting) { connection in
            RecordingDelegate(connection, in: sockets) { $0.answer($1) }
        } body: { server in
            let stream = try await client().connect(.init(server.url))
            try await stream.send(.text("3"))
            for expected in 1...3 { #expect(await stream.next() == .text("\(expected)")) }
            await stream.close()
        }
    }

    @Test func `a client may send as soon as it is connected`() async throws {
        try await withEcho { server in
            try await withThrowingDiscardingTaskGroup { group in
                for number in 0..<200 {
                    group.addTask {
                        let stream = try await client().connect(.init(server.url))
                        try await stream.send(.text("\(number)"))
                        #expect(await stream.next() == .text("\(number)"))
                    }
                }
            }
        }
    }

    @Test func `what the server sent before it closed is read before the end`() async throws {
        let sockets = sockets
        try await withTestServer { connection in
            RecordingDelegate(connection, in: sockets)
        } body: { server in
            let stream = try await client().connect(.init(server.url))
            try await sockets.socket().run { connection in
                for number in 1...100 { connection.send(.text("\(number)")) }
                connection.close(CloseCode(rawValue: 4001), reason: "That was all.")
            }
            #expect(await stream.texts() == (1...100).map(String.init))
            #expect(stream.ending == .init(code: CloseCode(rawValue: 4001), reason: "That was all."))
            let refusal = await #expect(throws: WebSocketClosed.self) { try await stream.send(.text("too late")) }
            #expect(refusal?.description == "The connection was closed (4001: That was all.).")
        }
    }

    @Test func `a connection that breaks ends as abnormal`() async throws {
        try await withEcho { server in
            let stream = try await client().connect(.init(server.url))
            try await sockets.socket().run { $0.abort() }
            #expect(await stream.next() == nil)
            #expect(stream.ending?.code == .abnormal)
        }
    }

    @Test func `a client that is not let in learns the status`() async throws {
        try await withTestServer(maxConnections: 0) { _ in
            preconditionFailure("nobody is let in")
        } body: { server in
            let refusal = await #expect(throws: WebSocketClientError.self) {
                try await client().connect(.init(server.url))
            }
            #expect(refusal?.status == 503)
            #expect(refusal?.description == "The server refused with status 503: No place.")
        }
    }
}

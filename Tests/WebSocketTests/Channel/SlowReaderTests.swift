import NIOCore
import Synchronization
import TestRedis
import TestWebSocket
import Testing

@testable import WebSocket

/// Peers that read more slowly than they are written to.
@Suite(.timeLimit(.minutes(5))) struct SlowReaderTests {
    private let sockets = ServerSockets()
    private let smallBuffer = 8192

    private func withServer(queueBytes: Int, body: (TestServer) async throws -> Void) async throws {
        var options = WebSocketOptions()
        options.queueBytes = queueBytes
        let sockets = sockets
        try await withTestServer(
            options: options,
            sendBuffer: smallBuffer,
            makeDelegate: { RecordingDelegate($0, in: sockets) },
            body: body
        )
    }

    @Test func `the oldest of the messages that may be dropped give way to the newest`() async throws {
        let count = 1000
        try await withServer(queueBytes: 64 * 1024) { server in
            try await withRawPeer(of: server) { peer in
                try await peer.open()
                let (dropped, outcomes, queued) = try await sockets.socket().run { connection in
                    let outcomes = (0..<count).map {
                        connection.write(frame(numbered($0, bytes: 1000)), droppable: true)
                    }
                    return (connection.droppedFrames, outcomes, connection.queuedBytes)
                }
                #expect(queued <= 64 * 1024)
                #expect(dropped > count / 2)
                #expect(outcomes.last == .queuedDropping(1))
                var numbers: [Int] = []
                while numbers.last != count - 1 {
                    numbers.append(try #require(try await peer.text().flatMap(number)))
                }
                // Those that the kernel had taken, and the newest.
                #expect(numbers.count == count - dropped)
                let gaps = zip(numbers, numbers.dropFirst()).filter { $1 != $0 + 1 }
                #expect(gaps.count == 1)
                #expect(gaps.first.map { $1 - $0 - 1 } == dropped)
            }
        }
    }

    @Test func `a message that must not be dropped drives out those that may`() async throws {
        try await withServer(queueBytes: 64 * 1024) { server in
            try await withRawPeer(of: server) { peer in
                try await peer.open()
                let outcomes = try await sockets.socket().run { connection in
                    while connection.queuedBytes < 60_000 {
                        connection.write(frame(numbered(0, bytes: 4000)), droppable: true)
                    }
                    return (0..<15).map { _ in connection.send(.text(numbered(1, bytes: 4000))) }
                        + [connection.write(frame(numbered(2, bytes: 8000)), droppable: true)]
                }
                #expect(outcomes.dropLast().allSatisfy { $0.isDropping || $0 == .queued })
                #expect(outcomes.last == .dropped)
                var important = 0
                while important < 15 {
                    let number = try #require(try await peer.text().flatMap(number))
                    if number == 1 { important += 1 }
                }
            }
        }
    }

    @Test func `more than the queue holds closes with 1013, and the peer learns so`() async throws {
        try await withServer(queueBytes: 64 * 1024) { server in
            try await withRawPeer(of: server) { peer in
                try await peer.open()
                let socket = try await sockets.socket()
                let (sent, outcome) = try await socket.run { connection in
                    var sent = 0
                    while connection.send(.text(numbered(sent, bytes: 1000))) != .overflowed { sent += 1 }
                    return (sent, connection.send(.text("more")))
                }
                #expect(outcome == .closed)
                var received = 0
                while let text = try await peer.text() {
                    #expect(number(of: text) == received)
                    received += 1
                }
                // What waited is given up.
                #expect(received < sent)
                #expect(await socket.closed() == .tryAgainLater)
            }
        }
    }

    @Test func `the close frame says 1013`() async throws {
        try await withServer(queueBytes: 64 * 1024) { server in
            try await withRawPeer(of: server) { peer in
                try await peer.open()
                try await sockets.socket().run { connection in
                    while connection.isOpen { connection.send(.text(numbered(0, bytes: 1000))) }
                }
                while let action = try await peer.next() {
                    guard case .close(_, let code, let reason, _) = action else { continue }
                    #expect(code == .tryAgainLater)
                    #expect(reason == "You read too slowly.")
                    return
                }
                Issue.record("no close frame came")
            }
        }
    }

    @Test func `what waits does not keep the buffer that it was cut from`() async throws {
        try await withServer(queueBytes: 1 << 20) { server in
            try await withRawPeer(of: server) { peer in
                try await peer.open()
                let waiting = try await sockets.socket().run { connection in
                    var shared = ByteBuffer(repeating: 0, count: 16 << 20)
                    shared.setBuffer(frame("short"), at: 0)
                    let short = try #require(shared.getSlice(at: 0, length: 7))
                    while !connection.isBlocked { connection.write(frame(numbered(0, bytes: 100_000))) }
                    for _ in 1...10 { connection.write(short) }
                    connection.reply(short)
                    var queue = connection.queue
                    var waiting: [ByteBuffer] = []
                    while let bytes = queue.popFirst() { waiting.append(bytes) }
                    return waiting
                }
                #expect(waiting == Array(repeating: frame("short"), count: 11))
                #expect(waiting.allSatisfy { $0.storageCapacity < 64 })
            }
        }
    }

    @Test func `a peer that asks without reading the answers has to wait, and loses none`() async throws {
        let count = 2000
        var options = WebSocketOptions()
        options.queueBytes = 64 * 1024
        let mostQueued = Atomic(0)
        let sockets = sockets
        try await withTestServer(options: options, sendBuffer: smallBuffer) { connection in
            RecordingDelegate(connection, in: sockets) { connection, message in
                connection.answer(.text(numbered(number(of: message.string) ?? -1, bytes: 5000)))
                mostQueued.max(connection.queuedBytes, ordering: .relaxed)
            }
        } body: { server in
            try await withRawPeer(of: server) { peer in
                try await peer.open()
                for number in 0..<count { try await peer.send(numbered(number, bytes: 10)) }
                for expected in 0..<count {
                    #expect(try await peer.text().flatMap(number) == expected)
                }
            }
        }
        // A quarter of the queue, and the answer that went beyond it.
        #expect(mostQueued.load(ordering: .relaxed) <= 16 * 1024 + 5100)
        #expect(mostQueued.load(ordering: .relaxed) > 0)
    }

    @Test func `who follows more than it can read is heard all the same`() async throws {
        try await withServer(queueBytes: 64 * 1024) { server in
            try await withRawPeer(of: server) { peer in
                try await peer.open()
                let socket = try await sockets.socket()
                // More than it reads, and it reads nothing.
                try await socket.run { connection in
                    for number in 0..<1000 {
                        connection.write(frame(numbered(number, bytes: 1000)), droppable: true)
                    }
                    #expect(connection.isBlocked && connection.queuedBytes > 32 * 1024)
                }
                try await peer.send("less, please")
                await socket.messages(1)
                #expect(try await socket.run { $0.isBlocked })
            }
        }
    }

    @Test func `a delegate is told when the peer has read all that waited`() async throws {
        try await withServer(queueBytes: 1 << 20) { server in
            try await withRawPeer(of: server) { peer in
                try await peer.open()
                let socket = try await sockets.socket()
                let count = try await socket.run { connection in
                    var count = 0
                    while connection.queuedBytes < 50_000 {
                        connection.send(.text(numbered(count, bytes: 1000)))
                        count += 1
                    }
                    return count
                }
                #expect(!socket.events.elements.contains(.drained))
                for expected in 0..<count { #expect(try await peer.text().flatMap(number) == expected) }
                await socket.events.wait { $0.contains(.drained) }
                #expect(try await socket.run { $0.queuedBytes } == 0)
            }
        }
    }
}

extension SendOutcome {
    fileprivate var isDropping: Bool { if case .queuedDropping = self { true } else { false } }
}

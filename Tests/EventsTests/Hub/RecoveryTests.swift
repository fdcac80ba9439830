import NIOCore
import NIOPosix
import Synchronization
import TestRandom
import TestRedis
import TestWebSocket
import Testing

@testable import Events

/// Between what was missed and what comes, nothing is lost and nothing comes twice.
@Suite(.timeLimit(.minutes(2))) struct RecoveryTests {
    private let count = 2000

    /// Publishes as fast as it can, in turns with the subscribers.
    private func publish(_ hub: EventHub) async throws {
        for number in 1...count {
            try await hub.publish(.sample(number), to: "a/b")
            if number % 10 == 0 { await Task.yield() }
        }
    }

    @Test(arguments: [false, true]) func `subscribers in this process that come at any time get each event once`(
        isDurable: Bool
    ) async throws {
        let hub = EventHub.sample(
            TopicClass(historyCount: count, isDurable: isDurable),
            log: isDurable ? MemoryLog() : nil
        )
        let epoch = try hub.subscribe(.to("a/b")).position?.epoch ?? ""
        try await hub.running {
            try await withThrowingDiscardingTaskGroup { group in
                group.addTask { try await publish(hub) }
                for reader in 0..<20 {
                    group.addTask {
                        var random = SeededGenerator(seed: UInt64(reader))
                        var last: UInt64 = 0
                        while last < count, !Task.isCancelled {
                            let since = Position(epoch: epoch, offset: last)
                            let subscription = try hub.subscribe(.to("a/b") { $0.since = since }, capacity: count)
                            #expect(subscription.isComplete)
                            // Stays for some time, goes and comes back.
                            let stay = min(Int.random(in: 1...300, using: &random), count - Int(last))
                            for event in await subscription.next(stay) {
                                #expect(event.position.offset == last + 1)
                                last = event.position.offset
                            }
                        }
                    }
                }
            }
        }
    }

    @Test func `connections that come at any time get each message once`() async throws {
        let loops = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let hub = EventHub.sample(TopicClass(historyCount: count), loops: loops)
        let epoch = try hub.subscribe(.to("a/b")).position?.epoch ?? ""
        try await withHubServer(hub, on: loops, queueBytes: 64 << 20) { server in
            var clients: [HubClient] = []
            for _ in 1...12 { clients.append(try await server.connect()) }
            try await withThrowingDiscardingTaskGroup { group in
                group.addTask { try await publish(hub) }
                for (index, client) in clients.enumerated() {
                    group.addTask {
                        var random = SeededGenerator(seed: UInt64(index))
                        var last: UInt64 = 0
                        while last < count, !Task.isCancelled {
                            let since = Position(epoch: epoch, offset: last)
                            let request = SubscriptionRequest.to("a/b") {
                                $0.since = since
                                $0.isPositioned = true
                            }
                            let beginning = try await client.subscribe(hub, request)
                            #expect(beginning.recovery?.isComplete == true)
                            let stay = min(Int.random(in: 1...300, using: &random), count - Int(last))
                            for message in try await client.next(stay) {
                                #expect(message.offset == last + 1)
                                last = message.offset ?? 0
                            }
                            // What still comes after it has left follows what it has read.
                            try await client.run { hub.unsubscribe($0, from: .exact("a/b")) }
                            for message in try await client.all(hub) {
                                #expect(message.offset == last + 1)
                                last = message.offset ?? 0
                            }
                        }
                        #expect(last == count)
                    }
                }
            }
        }
        try await loops.shutdownGracefully()
    }

    @Test func `connections that follow a topic by several patterns get each message once, in order`() async throws {
        let hub = EventHub.sample(TopicClass(historyCount: count))
        try await withHubServer(hub, queueBytes: 64 << 20) { server in
            var clients: [HubClient] = []
            for _ in 1...6 { clients.append(try await server.connect()) }
            for client in clients { try await client.subscribe(hub, .to("a/b") { $0.isPositioned = true }) }
            try await withThrowingDiscardingTaskGroup { group in
                group.addTask { try await publish(hub) }
                for (index, client) in clients.enumerated() {
                    group.addTask {
                        var random = SeededGenerator(seed: UInt64(index))
                        var last: UInt64 = 0
                        while last < count, !Task.isCancelled {
                            for message in try await client.next(min(50, count - Int(last))) {
                                #expect(message.offset == last + 1)
                                last = message.offset ?? 0
                            }
                            let pattern = Bool.random(using: &random) ? "*" : "a/*"
                            if Bool.random(using: &random) {
                                try await client.subscribe(hub, .to(pattern))
                            } else {
                                try await client.run { hub.unsubscribe($0, from: try TopicPattern(pattern)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

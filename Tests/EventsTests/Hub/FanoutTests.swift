import NIOCore
import NIOPosix
import TestRedis
import TestWebSocket
import Testing
import WebSocket

@testable import Events

/// What connections get.
@Suite(.timeLimit(.minutes(5))) struct FanoutTests {
    @Test func `a message reaches its subscribers and nobody else`() async throws {
        let hub = EventHub.sample()
        try await withHubServer(hub) { server in
            let (exact, below, other) = (
                try await server.connect(), try await server.connect(), try await server.connect()
            )
            try await exact.subscribe(hub, .to("a/b"))
            try await below.subscribe(hub, .to("a/*"))
            try await other.subscribe(hub, .to("b"))
            let receipt = try await hub.publish(.sample(1), to: "a/b")
            try await hub.publish(.sample(2), to: "a/c")
            #expect(receipt.targeted == 2)
            #expect(try await exact.all(hub).map(\.number) == [1])
            #expect(try await below.all(hub).map(\.number) == [1, 2])
            #expect(try await other.all(hub).isEmpty)
        }
    }

    @Test func `what several subscriptions match comes once, with its position if one asks for that`() async throws {
        let hub = EventHub.sample()
        try await withHubServer(hub) { server in
            let client = try await server.connect()
            try await client.subscribe(hub, .to("*"))
            try await hub.publish(.sample(1), to: "a/b")
            try await client.subscribe(hub, .to("a/b") { $0.isPositioned = true })
            try await hub.publish(.sample(2), to: "a/b")
            try await client.subscribe(hub, .to("a/*"))
            try await hub.publish(.sample(3), to: "a/b")
            try await hub.publish(.sample(4), to: "a/c")
            try await client.run { hub.unsubscribe($0, from: .exact("a/b")) }
            try await hub.publish(.sample(5), to: "a/b")
            let messages = try await client.all(hub)
            #expect(messages.map(\.number) == [1, 2, 3, 4, 5])
            #expect(messages.map(\.offset) == [nil, 2, 3, nil, nil])
        }
    }

    @Test func `a second subscription to a pattern replaces the first`() async throws {
        let hub = EventHub.sample()
        try await withHubServer(hub) { server in
            let client = try await server.connect()
            let filter = try Filter(JSONObjectReader(ByteBuffer(string: #"{"data":{"n":2}}"#)))
            try await client.subscribe(hub, .to("a") { $0.filter = filter })
            for number in 1...3 { try await hub.publish(.sample(number), to: "a") }
            try await client.subscribe(hub, .to("a"))
            for number in 1...3 { try await hub.publish(.sample(number), to: "a") }
            #expect(try await client.all(hub).map(\.number) == [2, 1, 2, 3])
            #expect(hub.subscriptionCount == 1)
            #expect(try await client.run { $0.subscriptionCount } == 1)
            try await client.run { hub.unsubscribe($0, from: .exact("a")) }
            try await hub.publish(.sample(4), to: "a")
            #expect(try await client.all(hub).isEmpty)
            #expect(hub.subscriptionCount == 0)
        }
    }

    @Test func `every message carries the identifier of its recipient`() async throws {
        let hub = EventHub.sample()
        try await withHubServer(hub) { server in
            var clients: [HubClient] = []
            for _ in 1...5 { clients.append(try await server.connect()) }
            for (index, client) in clients.enumerated() {
                try await client.subscribe(hub, .to("a") { $0.isPositioned = index % 2 == 0 })
            }
            for number in 1...3 { try await hub.publish(.sample(number), to: "a") }
            for client in clients {
                var messages = client.stream.makeAsyncIterator()
                for _ in 1...3 {
                    let text = try #require(await messages.next()?.payload)
                    #expect(try JSONObjectReader(text).string("connection_id") == client.id.description)
                }
            }
        }
    }

    @Test func `subscribers on all loops get a topic's messages in the same order`() async throws {
        let loops = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let hub = EventHub.sample(loops: loops)
        try await withHubServer(hub, on: loops) { server in
            var clients: [HubClient] = []
            for _ in 1...6 { clients.append(try await server.connect()) }
            for (index, client) in clients.enumerated() {
                try await client.subscribe(hub, .to(index < 3 ? "a" : "*") { $0.isPositioned = true })
            }
            let used = try await clients.asyncMap { try await $0.run { ObjectIdentifier($0.connection.eventLoop) } }
            #expect(Set(used).count == 2)
            try await withThrowingDiscardingTaskGroup { group in
                for publisher in 0..<4 {
                    group.addTask {
                        for number in 0..<200 { try await hub.publish(.sample(publisher * 1000 + number), to: "a") }
                    }
                }
            }
            let first = try await clients[0].all(hub)
            #expect(first.map(\.offset) == Array(1...800))
            for client in clients.dropFirst() { #expect(try await client.all(hub) == first) }
        }
        try await loops.shutdownGracefully()
    }

    @Test func `what is for everyone reaches every connection once`() async throws {
        let hub = EventHub.sample()
        try await withHubServer(hub) { server in
            var clients: [HubClient] = []
            for _ in 1...5 { clients.append(try await server.connect()) }
            try await clients[0].subscribe(hub, .to("*"))
            try await clients[1].subscribe(hub, .to("a") { $0.isPositioned = true })
            #expect(hub.connectionCount == 5)
            #expect(hub.sendToAll(Envelope.custom { $0.member("n", 7) }) == 5)
            for client in clients { #expect(try await client.next().map(\.number) == [7]) }
            await clients[4].stream.close()
            await clients[4].socket.closed()
            #expect(hub.connectionCount == 4)
            #expect(hub.sendToAll(Envelope.custom { $0.member("n", 8) }) == 4)
            for client in clients.dropLast() { #expect(try await client.all(hub).map(\.number) == [8]) }
        }
    }

    @Test func `what was published comes before the goodbye`() async throws {
        let hub = EventHub.sample()
        try await withHubServer(hub) { server in
            // Whether the loop is waiting for more just then is a matter of chance.
            for _ in 1...50 {
                let client = try await server.connect()
                try await client.subscribe(hub, .to("a"))
                for number in 1...5 { try await hub.publish(.sample(number), to: "a") }
                await hub.deliverAll()
                try await client.socket.run { $0.close(.goingAway) }
                var numbers: [Int?] = []
                for await message in client.stream { numbers.append(try Message(message).number) }
                #expect(numbers == [1, 2, 3, 4, 5])
            }
        }
    }

    @Test func `a connection that is gone leaves nothing behind`() async throws {
        let hub = EventHub.sample()
        try await withHubServer(hub) { server in
            let client = try await server.connect()
            for pattern in ["a", "b", "a/*", "*"] {
                try await client.subscribe(hub, .to(pattern) { $0.wantsPresence = pattern == "a" })
            }
            #expect(hub.subscriptionCount == 4)
            #expect(hub.members(of: "a").map(\.id) == [client.id.description])
            await client.stream.close()
            await client.socket.closed()
            #expect(hub.subscriptionCount == 0)
            #expect(hub.channelCount == 0)
            #expect(hub.connectionCount == 0)
            #expect(hub.members(of: "a").isEmpty)
            #expect(try await hub.receipt(.sample(), to: "a").targeted == 0)
        }
    }

    @Test func `a report counts those who got it and those who did not`() async throws {
        let hub = EventHub.sample(TopicClass(historyCount: 0, overflow: .dropOldest))
        let reader = try hub.subscribe(.to("a"))
        try await withHubServer(hub, queueBytes: 64 * 1024, sendBuffer: 8192) { server in
            #expect(try await hub.publishReporting(.sample(), to: "b").report == DeliveryReport())
            for index in 0..<3 {
                let client = try await server.connect()
                try await client.subscribe(hub, .to("a") { $0.isPositioned = index == 0 })
            }
            let draft = Draft(
                type: "custom",
                data: ByteBuffer(string: "{\"text\":\"\(String(repeating: "x", count: 9000))\"}")
            )
            #expect(try await hub.publishReporting(draft, to: "a").report == DeliveryReport(targeted: 4, queued: 4))
            // None of the clients reads: sooner or later what is new drives out what waits.
            var report = DeliveryReport()
            while report.dropped < 3 {
                report = try await hub.publishReporting(draft, to: "a").report
                try #require(report.targeted == 4)
                try #require(report.queued + report.dropped == 4)
            }
            #expect(report == DeliveryReport(targeted: 4, queued: 1, dropped: 3))
        }
        withExtendedLifetime(reader) {}
    }

    @Test func `a duplicate is reported as nobody's`() async throws {
        let hub = EventHub.sample()
        let reader = try hub.subscribe(.to("a"))
        #expect(try await hub.publishReporting(.sample(key: "once"), to: "a").report.targeted == 1)
        #expect(try await hub.publishReporting(.sample(key: "once"), to: "a").report == DeliveryReport())
        withExtendedLifetime(reader) {}
    }

    @Test func `frames stay whole and in order when sockets take only parts of them`() async throws {
        let hub = EventHub.sample(TopicClass(historyCount: 0))
        let count = 600
        try await withHubServer(hub, queueBytes: 64 << 20, sendBuffer: 8192) { server in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<6 {
                    let client = try await server.connect()
                    try await client.subscribe(hub, .to("a"))
                    // Some leave in the middle.
                    let last = index < 2 ? count / 3 : count
                    group.addTask {
                        var number = 0
                        for await message in client.stream {
                            number += 1
                            let reader = try JSONObjectReader(message.payload)
                            #expect(reader.string("connection_id") == client.id.description)
                            #expect(try Message(message).number == number)
                            if number == last { break }
                        }
                        #expect(number == last)
                        await client.stream.close()
                    }
                }
                for number in 1...count {
                    let text = String(repeating: "x", count: number * 7919 % 9000)
                    let data = ByteBuffer(string: "{\"n\":\(number),\"text\":\"\(text)\"}")
                    hub.submit(Draft(type: "custom", data: data), to: "a") { _ in }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test func `who reads too slowly is closed, or loses the oldest where that is allowed`() async throws {
        let table = TopicTable(classes: [TopicClass(pattern: .exact("progress"), overflow: .dropOldest)])
        let hub = EventHub(table: table, eventLoopGroup: MultiThreadedEventLoopGroup.singleton)
        try await withHubServer(hub, queueBytes: 64 * 1024, sendBuffer: 8192) { server in
            let client = try await server.connect()
            try await client.subscribe(hub, .to("progress"))
            try await client.subscribe(hub, .to("words"))
            let data = { (number: Int) in
                ByteBuffer(string: "{\"n\":\(number),\"text\":\"\(String(repeating: "x", count: 9000))\"}")
            }
            var number = 0
            while try await client.socket.run({ $0.droppedFrames }) == 0 {
                number += 1
                _ = try await hub.publishReporting(Draft(type: "custom", data: data(number)), to: "progress")
            }
            #expect(try await client.socket.run { $0.isOpen })
            while (try? await client.socket.run { $0.isOpen }) == true {
                _ = try await hub.publishReporting(Draft(type: "custom", data: data(0)), to: "words")
            }
            for await _ in client.stream {}
            #expect(client.stream.ending?.code == .tryAgainLater)
        }
    }

    @Test func `publishers are told to come back when too much waits for a loop`() async throws {
        let loops = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let hub = EventHub.sample(TopicClass(historyCount: 0, overflow: .dropOldest), loops: loops)
        try await withHubServer(hub, on: loops) { server in
            let client = try await server.connect()
            try await client.subscribe(hub, .to("a"))
            let draft = Draft(
                type: "custom",
                data: ByteBuffer(string: "{\"text\":\"\(String(repeating: "x", count: 1_047_000))\"}")
            )
            // In one tick of the loop, nothing of it can be sent.
            let outcomes = try await client.run { _ in
                let outcomes = Recorder<PublishOutcome>()
                for _ in 1...70 { hub.submit(draft, to: "a") { outcomes.record(PublishOutcome($0)) } }
                return outcomes.elements
            }
            #expect(outcomes.prefix(63).allSatisfy { $0 == .published })
            #expect(outcomes.last == .refused)
            // When it is sent there is room again.
            try await client.run { hub.deliverNow(to: $0) }
            #expect(try await hub.receipt(.sample(), to: "a").targeted == 1)
        }
        try await loops.shutdownGracefully()
    }
}

extension Array {
    fileprivate func asyncMap<Result>(_ transform: (Element) async throws -> Result) async throws -> [Result] {
        var results: [Result] = []
        for element in self { results.append(try await transform(element)) }
        return results
    }
}

import Logging
import NIOCore
import NIOPosix
import TestRandom
import TestRedis
import TestWebSocket
import Testing

@testable import Events

/// Durable topics of which memory holds less than their log.
@Suite(.timeLimit(.minutes(5))) struct StoredHistoryTests {
    private let log = MemoryLog()
    /// Memory has room for about twenty samples of a topic, and for about fifty in all.
    private let durable = TopicClass(pattern: .below("kept"), historyCount: 1000, historyBytes: 4000, isDurable: true)
    private let silent = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    private func hub() -> EventHub {
        EventHub(
            table: TopicTable(classes: [durable], limits: TopicLimits(historyBytes: 10_000)),
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
            log: log
        )
    }

    /// Publishes samples to the topic, and what takes its place in memory.
    private func fill(_ hub: EventHub, _ numbers: ClosedRange<Int>) async throws {
        for number in numbers { try await hub.publish(.sample(number, at: .now), to: "kept/a") }
        for number in 1...100 { try await hub.publish(.sample(number), to: "loud") }
    }

    private func position(_ hub: EventHub, _ offset: UInt64) throws -> Position {
        Position(
            epoch: try #require(hub.heldHistory(of: "kept/a", since: nil, limit: 0)).position.epoch,
            offset: offset
        )
    }

    @Test func `what other topics displaced in memory is read from the log`() async throws {
        let hub = hub()
        try await hub.running(cleanupInterval: .milliseconds(1)) {
            try await fill(hub, 1...100)
            #expect(hub.topicStatistics.held < 60)
            let all = try #require(try await hub.history(of: "kept/a", since: nil, limit: 1000))
            #expect(all.publications.map(\.offset) == Array(1...100))
            #expect(all.isComplete && !all.hasMore)
            let held = try #require(hub.heldHistory(of: "kept/a", since: nil, limit: 1000))
            #expect(held.publications.count < 30)
        }
        #expect(log.trims.elements.isEmpty)
    }

    @Test func `the two parts make one, whatever is asked for`() async throws {
        let hub = hub()
        try await hub.running {
            try await fill(hub, 1...60)
            var random = SeededGenerator(seed: 1)
            for _ in 0..<200 {
                let limit = Int.random(in: 0...80, using: &random)
                let newest = try #require(try await hub.history(of: "kept/a", since: nil, limit: limit))
                #expect(newest.publications.map(\.offset) == Array((1...60).suffix(limit)))
                #expect(newest.hasMore == (limit < 60) && newest.isComplete)
                let since = UInt64.random(in: 0...62, using: &random)
                let part = try #require(
                    try await hub.history(of: "kept/a", since: position(hub, since), limit: limit)
                )
                #expect(part.publications.map(\.offset) == Array((1...60).dropFirst(Int(since)).prefix(limit)))
                #expect(part.isComplete == (since <= 60))
                #expect(part.hasMore == (60 - min(60, Int(since)) > limit))
            }
            let other = try await hub.history(of: "kept/a", since: Position(epoch: "other", offset: 3), limit: 100)
            #expect(other?.publications.count == 60 && other?.isComplete == false)
        }
    }

    @Test func `what is read at once is limited in bytes`() async throws {
        let hub = hub()
        try await hub.running {
            for _ in 1...7 {
                let data = ByteBuffer(repeating: UInt8(ascii: " "), count: 1 << 20)
                try await hub.publish(Draft(type: "custom", data: data), to: "kept/a")
            }
            let newest = try #require(try await hub.history(of: "kept/a", since: nil, limit: 100))
            #expect(newest.publications.map(\.offset) == [4, 5, 6, 7] && newest.hasMore && newest.isComplete)
            let oldest = try #require(try await hub.history(of: "kept/a", since: position(hub, 0), limit: 100))
            #expect(oldest.publications.map(\.offset) == [1, 2, 3, 4] && oldest.hasMore && oldest.isComplete)
        }
    }

    @Test func `what the history let go while it was read is said to be missing`() async throws {
        let hub = hub()
        try await hub.running {
            try await fill(hub, 1...60)
            let since = try position(hub, 0)
            log.hold()
            async let reading = hub.history(of: "kept/a", since: since, limit: 1000)
            await log.reads.wait(forCount: 1)
            try await log.trim([released(hub, upTo: 10)])
            log.release()
            let recovery = try #require(try await reading)
            #expect(recovery.publications.map(\.offset) == Array(11...60))
            #expect(!recovery.isComplete)
        }
    }

    /// What the log is told when the history lets go of publications.
    private func released(_ hub: EventHub, upTo offset: UInt64) throws -> LogRelease {
        let epoch = try position(hub, 0).epoch
        var topic = TopicState(name: "kept/a", class: durable, epoch: epoch)
        topic.skip(to: Position(epoch: epoch, offset: offset))
        return LogRelease(topic, isRemoved: false)
    }

    @Test func `a log that cannot be read is no empty history`() async throws {
        let hub = hub()
        try await hub.running {
            try await fill(hub, 1...60)
            log.fail()
            await #expect(throws: MemoryLog.Failure.self) {
                try await hub.history(of: "kept/a", since: nil, limit: 1000)
            }
            log.fail(false)
        }
    }

    @Test func `a reader gets what only the log holds, and then the rest, once and in order`() async throws {
        let hub = hub()
        try await hub.running {
            try await fill(hub, 1...60)
            let late = try hub.subscribe(.to("kept/a") { $0.since = try? position(hub, 5) }, capacity: 200)
            #expect(late.isComplete)
            let wanted = try hub.subscribe(.to("kept/a") { $0.since = try? position(hub, 0) }, capacity: 200) {
                $0.position.offset.isMultiple(of: 10)
            }
            try await fill(hub, 61...100)
            let events = await late.next(95)
            #expect(events.map(\.position.offset) == Array(6...100))
            #expect(events.allSatisfy { $0.missed == 0 })
            #expect(await wanted.next(10).map(\.position.offset) == Array(stride(from: 10, through: 100, by: 10)))
            log.fail()
            let unlucky = try hub.subscribe(.to("kept/a") { $0.since = try? position(hub, 0) }, capacity: 200)
            let first = await unlucky.next(1).first
            #expect(first.map { $0.missed == Int($0.position.offset) - 1 } == true)
            log.fail(false)
        }
    }

    @Test func `a subscriber gets what only the log holds before its subscription begins`() async throws {
        let hub = hub()
        try await withHubServer(hub) { server in
            let client = try await server.connect()
            try await hub.running {
                try await fill(hub, 1...300)
                let since = try position(hub, 7)
                let request = SubscriptionRequest.to("kept/a") { ($0.since, $0.isPositioned) = (since, true) }
                async let recovered: Void = client.recover(hub, request)
                try await fill(hub, 301...500)
                try await recovered
                try await fill(hub, 501...510)
                let messages = try await client.next(503)
                #expect(messages.map(\.offset) == (8...510).map { UInt64($0) })
                #expect(messages.map(\.number) == Array(8...510))
            }
        }
    }

    @Test func `a recovery that the history overtakes ends`() async throws {
        let hub = hub()
        try await withHubServer(hub) { server in
            let client = try await server.connect()
            try await hub.running {
                try await fill(hub, 1...60)
                let since = try position(hub, 0)
                let start = try await client.run { subscriber in
                    let request = SubscriptionRequest.to("kept/a") { $0.since = since }
                    return try hub.start(subscriber, request, as: Member(id: "m", name: nil))
                }
                guard case .behind(let recovery) = start else {
                    Issue.record("memory holds everything")
                    return
                }
                #expect(recovery.isComplete && hub.subscriptionCount == 0)
                try await log.trim([released(hub, upTo: 10)])
                await #expect(throws: StoredRecovery.Failure.gone) { try await recovery.next() }
            }
        }
    }

    @Test func `after a restart everything is there, and memory holds no more than it may`() async throws {
        let publications = (1...300).map { number in
            (
                publication: Publication(offset: UInt64(number), draft: .sample(number, at: .now)),
                idempotencyKey: nil as String?
            )
        }
        let log = MemoryLog([
            MemoryLog.Topic(topic: "kept/a", position: Position(epoch: "old", offset: 300), publications: publications)
        ])
        let hub = EventHub(
            table: TopicTable(classes: [durable], limits: TopicLimits(historyBytes: 2000)),
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
            log: log
        )
        try await hub.restore(logger: silent)
        #expect(hub.topicStatistics.historyBytes <= 2000)
        let since = Position(epoch: "old", offset: 0)
        let recovery = try #require(try await hub.history(of: "kept/a", since: since, limit: 1000))
        #expect(recovery.publications.map(\.offset) == Array(1...300) && recovery.isComplete)
    }

    @Test func `publishers learn that there is no room to store more`() async throws {
        let hub = hub()
        try await hub.running {
            log.fail(with: DurableLogError.noSpace)
            await #expect { try await hub.publish(.sample(1), to: "kept/a") } throws: {
                if case PublishError.noSpace = $0 { true } else { false }
            }
            log.fail(false)
            let receipt = try await hub.publish(.sample(1), to: "kept/a")
            #expect(receipt.position.offset == 1)
        }
    }
}

extension HubClient {
    /// Subscribes as the events API does: first it sends what only the log holds.
    fileprivate func recover(_ hub: EventHub, _ request: SubscriptionRequest) async throws {
        guard case .exact(let topic) = request.pattern else { return }
        let member = Member(id: id.description, name: nil)
        var request = request
        while true {
            let start = try await run { [request] subscriber in
                let start = try hub.start(subscriber, request, as: member)
                if case .begun(let beginning) = start, let recovery = beginning.recovery {
                    #expect(recovery.isComplete)
                    subscriber.answer(
                        recovery.publications.map { Envelope.encode($0, topic: topic, epoch: recovery.position.epoch) }
                    )
                }
                return start
            }
            guard case .behind(let recovery) = start else { return }
            while let page = try await recovery.next() {
                try await run { subscriber in
                    _ = subscriber.answer(
                        page.map { Envelope.encode($0, topic: topic, epoch: recovery.position.epoch) }
                    )
                }
            }
            request.since = recovery.reached
        }
    }
}

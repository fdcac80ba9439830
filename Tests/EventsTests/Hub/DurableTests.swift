import Logging
import NIOCore
import NIOPosix
import TestRedis
import TestWebSocket
import Testing

@testable import Events

@Suite(.timeLimit(.minutes(5))) struct DurableTests {
    private let log = MemoryLog()
    private let durable = TopicClass(isDurable: true)

    @Test func `a message is acknowledged and sent only when it is stored`() async throws {
        let hub = EventHub.sample(durable, log: log)
        let subscription = try hub.subscribe(.to("a"))
        let receipts = Recorder<Receipt>()
        try await hub.running {
            log.hold()
            hub.submit(.sample(1), to: "a") { if case .success(let receipt) = $0 { receipts.record(receipt) } }
            await log.attempts.wait(forCount: 1)
            #expect(receipts.elements.isEmpty)
            #expect(hub.heldHistory(of: "a", since: nil, limit: 10)?.publications.isEmpty == true)
            log.release()
            #expect(await subscription.next(1).map(\.number) == [1])
            #expect(await receipts.wait(forCount: 1).map(\.position.offset) == [1])
        }
        #expect(log.offsets == [1])
        #expect(hub.topicStatistics.published == 1)
    }

    @Test func `messages of topics that are not durable do not wait for those that are`() async throws {
        let table = TopicTable(classes: [TopicClass(pattern: .exact("kept"), isDurable: true)])
        let hub = EventHub(table: table, eventLoopGroup: MultiThreadedEventLoopGroup.singleton, log: log)
        try await hub.running {
            log.hold()
            hub.submit(.sample(1), to: "kept") { _ in }
            await log.attempts.wait(forCount: 1)
            let receipt = try await hub.publish(.sample(1), to: "other")
            #expect(receipt.position.offset == 1)
            log.release()
        }
        #expect(log.stored.elements.map(\.topic) == ["kept"])
    }

    @Test func `messages that come while others are stored keep their order`() async throws {
        let hub = EventHub.sample(durable, log: log)
        let subscription = try hub.subscribe(.to("*"), capacity: 10_000)
        try await hub.running {
            log.hold()
            for number in 1...3000 { hub.submit(.sample(number), to: number % 3 == 0 ? "b" : "a") { _ in } }
            log.release()
            let events = await subscription.next(3000)
            #expect(events.map(\.number) == Array(1...3000))
            #expect(events.filter { $0.topic == "a" }.map(\.position.offset) == Array(1...2000))
            #expect(events.filter { $0.topic == "b" }.map(\.position.offset) == Array(1...1000))
        }
        #expect(log.stored.elements.count == 3000)
        #expect(log.attempts.elements.count < 10)
    }

    @Test func `what is not stored is not published, and its number goes to the next`() async throws {
        let hub = EventHub.sample(durable, log: log)
        let subscription = try hub.subscribe(.to("a"))
        try await hub.running {
            let receipt = try await hub.publish(.sample(1), to: "a")
            #expect(receipt.position.offset == 1)
            log.fail()
            for number in 2...3 {
                await #expect { try await hub.publish(.sample(number, key: "key"), to: "a") } throws: {
                    if case PublishError.notStored = $0 { true } else { false }
                }
            }
            log.fail(false)
            // The key of what was not stored is free.
            let next = try await hub.publish(.sample(4, key: "key"), to: "a")
            #expect(next.position.offset == 2)
            #expect(await subscription.next(2).map(\.number) == [1, 4])
        }
        #expect(log.offsets == [1, 2])
    }

    @Test func `repetitions are recognised in one batch and across batches, and not stored`() async throws {
        let hub = EventHub.sample(durable, log: log)
        let receipts = Recorder<Receipt>()
        try await hub.running {
            log.hold()
            hub.submit(.sample(0), to: "a") { _ in }
            await log.attempts.wait(forCount: 1)
            for number in 1...3 {
                hub.submit(.sample(number, key: "once"), to: "a") {
                    if case .success(let receipt) = $0 { receipts.record(receipt) }
                }
            }
            log.release()
            await receipts.wait(forCount: 3)
            let receipt = try await hub.publish(.sample(4, key: "once"), to: "a")
            #expect(receipt.isDuplicate)
        }
        #expect(receipts.elements.map(\.isDuplicate) == [false, true, true])
        #expect(Set(receipts.elements.map(\.position.offset)) == [2])
        #expect(log.offsets == [1, 2])
        #expect(hub.topicStatistics.duplicates == 3)
    }

    @Test func `what has no room in the state is not stored`() async throws {
        let hub = EventHub.sample(TopicClass(isDurable: true, keepsState: true, stateEntries: 1), log: log)
        let outcomes = Recorder<PublishOutcome>()
        try await hub.running {
            log.hold()
            hub.submit(.sample(0), to: "a") { _ in }
            await log.attempts.wait(forCount: 1)
            for key in ["k", "l", "k"] {
                hub.submit(.sample(1, stateKey: key), to: "a") { outcomes.record(PublishOutcome($0)) }
            }
            log.release()
            await outcomes.wait(forCount: 3)
        }
        #expect(outcomes.elements == [.published, .refused, .published])
        #expect(log.stored.elements.map(\.publication.stateKey) == [nil, "k", "k"])
        #expect(hub.snapshot(of: "a")?.entries.map(\.offset) == [3])
    }

    @Test func `states grow no more when those of all topics hold too much`() async throws {
        let topics = TopicTable(
            defaultClass: TopicClass(isDurable: true, keepsState: true, stateBytes: 1 << 20),
            limits: TopicLimits(stateBytes: 4000)
        )
        let hub = EventHub(table: topics, eventLoopGroup: MultiThreadedEventLoopGroup.singleton, log: log)
        try await hub.running {
            var published = 0
            await #expect {
                while published < 1000 {
                    try await hub.publish(.sample(published, stateKey: "key \(published)"), to: "a")
                    published += 1
                }
            } throws: {
                if case PublishError.stateFull(.totalBytes(4000)) = $0 { true } else { false }
            }
            #expect(published > 3)
            #expect(hub.topicStatistics.stateBytes <= 4000)
        }
    }

    @Test func `more than there is room for is refused`() async throws {
        let hub = EventHub.sample(durable, log: log)
        let outcomes = Recorder<PublishOutcome>()
        for number in 1...10_001 {
            hub.submit(.sample(number), to: "a") {
                if case .failure(.busy) = $0 { outcomes.record(.refused) } else { outcomes.record(.published) }
            }
        }
        #expect(outcomes.elements == [.refused])
        try await hub.running { await outcomes.wait(forCount: 10_001) }
        #expect(log.offsets == Array(1...10_000))
    }

    @Test func `what was taken is stored before the hub stops, and nothing is taken after`() async throws {
        let hub = EventHub.sample(durable, log: log)
        let outcomes = Recorder<PublishOutcome>()
        let ended = Recorder<Bool>()
        log.hold()
        await withDiscardingTaskGroup { group in
            group.addTask {
                await hub.run(
                    cleanupInterval: .seconds(3600),
                    logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
                )
                ended.record(true)
            }
            for number in 1...2500 { hub.submit(.sample(number), to: "a") { outcomes.record(PublishOutcome($0)) } }
            await log.attempts.wait(forCount: 1)
            group.cancelAll()
            // It takes nothing more when it has heard that it is to stop.
            let refused = Recorder<Bool>()
            let isStopped = await eventually {
                hub.submit(.sample(key: "last"), to: "a") { if case .failure(.stopped) = $0 { refused.record(true) } }
                return !refused.elements.isEmpty
            }
            #expect(isStopped)
            #expect(ended.elements.isEmpty)
            log.release()
        }
        #expect(log.offsets.starts(with: 1...2500))
        #expect(outcomes.elements == Array(repeating: .published, count: 2500))
        await #expect { try await hub.publish(.sample(), to: "a") } throws: {
            if case PublishError.stopped = $0 { true } else { false }
        }
    }

    @Test func `what the history lets go is trimmed from the log once`() async throws {
        let hub = EventHub.sample(TopicClass(historyCount: 3, isDurable: true), log: log)
        try await hub.running(cleanupInterval: .milliseconds(1)) {
            for number in 1...10 { try await hub.publish(.sample(number), to: "a") }
            await log.trims.wait { $0.last?.position.offset == 7 }
            try await hub.publish(.sample(11), to: "a")
            await log.trims.wait { $0.last?.position.offset == 8 }
        }
        let offsets = log.trims.elements.map(\.position.offset)
        #expect(offsets == Set(offsets).sorted())
    }

    @Test func `after a restart topics go on where they were`() async throws {
        let publications = (4...10).map { number in
            (
                publication: Publication(offset: UInt64(number), draft: .sample(number, at: .now)),
                idempotencyKey: "key \(number)" as String?
            )
        }
        let logged = MemoryLog.Topic(
            topic: "a",
            position: Position(epoch: "old", offset: 10),
            publications: publications
        )
        let log = MemoryLog([logged])
        let hub = EventHub.sample(durable, log: log)
        try await hub.restore(logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        let subscription = try hub.subscribe(.to("a") { $0.since = Position(epoch: "old", offset: 8) })
        #expect(subscription.isComplete)
        #expect(subscription.position == Position(epoch: "old", offset: 10))
        try await hub.running {
            #expect(try await hub.receipt(.sample(1, key: "key 9"), to: "a").position.offset == 9)
            let receipt = try await hub.publish(.sample(11), to: "a")
            #expect(receipt.position == Position(epoch: "old", offset: 11))
        }
        #expect(await subscription.next(3).map(\.position.offset) == [9, 10, 11])
        let late = try hub.subscribe(.to("a") { $0.since = Position(epoch: "old", offset: 2) })
        #expect(!late.isComplete)
        #expect(log.stored.elements.map(\.epoch) == ["old"])
    }

    @Test func `after a restart the state is there, also of what the history has let go`() async throws {
        let entries = [(2, "k"), (5, "l"), (9, nil), (10, "m")].map { number, key in
            (
                publication: Publication(offset: UInt64(number), draft: .sample(number, stateKey: key, at: .now)),
                idempotencyKey: nil as String?
            )
        }
        let logged = [
            MemoryLog.Topic(topic: "a", position: Position(epoch: "old", offset: 10), publications: entries),
            // All of its history is gone, with a state that lies far back.
            MemoryLog.Topic(
                topic: "b",
                position: Position(epoch: "older", offset: 70),
                publications: Array(entries.prefix(2))
            ),
            MemoryLog.Topic(topic: "c", position: Position(epoch: "oldest", offset: 7), publications: []),
        ]
        let hub = EventHub.sample(TopicClass(isDurable: true, keepsState: true), log: MemoryLog(logged))
        try await hub.restore(logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        #expect(hub.snapshot(of: "a")?.entries.map(\.offset) == [2, 5, 10])
        #expect(hub.heldHistory(of: "a", since: nil, limit: 100)?.publications.map(\.offset) == [9, 10])
        #expect(hub.snapshot(of: "b")?.entries.map(\.offset) == [2, 5])
        #expect(hub.snapshot(of: "b")?.position == Position(epoch: "older", offset: 70))
        #expect(hub.heldHistory(of: "b", since: nil, limit: 100)?.publications.isEmpty == true)
        #expect(hub.heldHistory(of: "c", since: nil, limit: 100)?.position == Position(epoch: "oldest", offset: 7))
        #expect(hub.topicStatistics.topics == 3)
    }

    @Test func `after a restart everything is as old as it was`() async throws {
        let minutes = { (count: Int64) in Timestamp(microseconds: Timestamp.now.microseconds - count * 60_000_000) }
        let publications = [(3, Int64(20)), (5, 9), (8, 7), (9, 4), (10, 1)].map { number, age in
            (
                publication: Publication(offset: UInt64(number), draft: .sample(number, at: minutes(age))),
                idempotencyKey: "key \(number)" as String?
            )
        }
        let log = MemoryLog([
            MemoryLog.Topic(topic: "a", position: Position(epoch: "old", offset: 10), publications: publications)
        ])
        let topicClass = TopicClass(historyAge: .seconds(180), isDurable: true, idempotencyAge: .seconds(480))
        let hub = EventHub.sample(topicClass, log: log)
        try await hub.restore(logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        #expect(hub.heldHistory(of: "a", since: nil, limit: 100)?.publications.map(\.offset) == [10])
        try await hub.running {
            for number in [8, 9, 10] {
                let receipt = try await hub.receipt(.sample(key: "key \(number)"), to: "a")
                #expect(receipt.isDuplicate && receipt.position.offset == UInt64(number))
            }
            // What is older than the window is published again.
            #expect(try await hub.receipt(.sample(key: "key 5"), to: "a").position.offset == 11)
        }
    }

    @Test func `a topic stays while something is stored for it`() async throws {
        let log = MemoryLog()
        let hub = EventHub.sample(durable, maximumTopics: 2, log: log)
        let subscription = try hub.subscribe(.to("other"))
        try await hub.running {
            log.hold()
            async let receipt = hub.publish(.sample(1), to: "a")
            await log.attempts.wait(forCount: 1)
            // Follows the topic, and leaves it while it is still empty; then somebody wants its place.
            do { _ = try hub.subscribe(.to("a")) }
            #expect(throws: TopicError.tooMany(limit: 2)) { try hub.subscribe(.to("b")) }
            log.release()
            let first = try await receipt
            #expect(first.position.offset == 1)
            let second = try await hub.publish(.sample(2), to: "a")
            #expect(second.position == Position(epoch: first.position.epoch, offset: 2))
        }
        withExtendedLifetime(subscription) {}
    }

    @Test func `what is stored keeps no more than its bytes in memory`() async throws {
        let log = MemoryLog()
        let hub = EventHub.sample(durable, log: log)
        try await hub.running {
            let message = ByteBuffer(string: "{\"data\":{\"n\":1},\"x\":\"\(String(repeating: "x", count: 100_000))\"}")
            let data = try #require(JSONObjectReader(message).object("data"))
            try await hub.publish(Draft(type: "custom", data: data), to: "a")
        }
        let stored = try #require(log.stored.elements.first)
        #expect(stored.publication.data.storageCapacity < 1000)
    }
}

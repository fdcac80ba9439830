import NIOCore
import Synchronization
import Testing

@testable import Events

/// What subscribers in this process get.
@Suite(.timeLimit(.minutes(5))) struct ReadingTests {
    @Test func `events come in order, each with its position`() async throws {
        let hub = EventHub.sample()
        let subscription = try hub.subscribe(.to("a"))
        #expect(subscription.position?.offset == 0)
        #expect(subscription.isComplete)
        for number in 1...100 {
            let receipt = try await hub.publish(.sample(number), to: "a")
            #expect(receipt.position.offset == UInt64(number))
            #expect(receipt.targeted == 1)
        }
        let events = await subscription.next(100)
        #expect(events.map(\.number) == Array(1...100))
        #expect(events.map(\.position.offset) == Array(1...100))
        #expect(Set(events.map(\.position.epoch)).count == 1)
        #expect(events.allSatisfy { $0.missed == 0 })
    }

    @Test func `a reader that falls behind loses the oldest and learns how many`() async throws {
        let hub = EventHub.sample()
        let subscription = try hub.subscribe(.to("a"), capacity: 4)
        for number in 1...10 { try await hub.publish(.sample(number), to: "a") }
        let events = await subscription.next(4)
        #expect(events.map(\.number) == [7, 8, 9, 10])
        #expect(events.map(\.missed) == [6, 0, 0, 0])
    }

    @Test func `patterns get what they cover and nothing else`() async throws {
        let hub = EventHub.sample()
        let below = try hub.subscribe(.to("a/*"))
        let all = try hub.subscribe(.to("*"))
        let exact = try hub.subscribe(.to("a/b"))
        for (number, topic) in ["a", "a/b", "a/b/c", "ab/c", "d"].enumerated() {
            try await hub.publish(.sample(number), to: try TopicName(topic))
        }
        #expect(await all.next(5).map(\.number) == [0, 1, 2, 3, 4])
        #expect(await below.next(2).map(\.number) == [1, 2])
        #expect(await exact.next(1).map(\.number) == [1])
        // Nothing more has come.
        try await hub.publish(.sample(5), to: "a/b")
        #expect(await below.next(1).map(\.number) == [5])
        #expect(await exact.next(1).map(\.number) == [5])
        #expect(below.position == nil)
    }

    @Test func `a filter lets through what is asked for`() async throws {
        let hub = EventHub.sample()
        let filter = try Filter(JSONObjectReader(ByteBuffer(string: #"{"data":{"n":3}}"#)))
        let subscription = try hub.subscribe(.to("a") { $0.filter = filter })
        for number in [1, 3, 2, 3] { try await hub.publish(.sample(number), to: "a") }
        #expect(await subscription.next(2).map(\.position.offset) == [2, 4])
    }

    @Test func `who gives a position gets what came since`() async throws {
        let hub = EventHub.sample(TopicClass(historyCount: 5))
        var positions: [Position] = []
        for number in 1...10 { positions.append(try await hub.publish(.sample(number), to: "a").position) }

        let recent = try hub.subscribe(.to("a") { $0.since = positions[6] })
        try await hub.publish(.sample(11), to: "a")
        #expect(recent.isComplete)
        #expect(recent.position == positions[9])
        #expect(await recent.next(4).map(\.number) == [8, 9, 10, 11])

        let late = try hub.subscribe(.to("a") { $0.since = positions[0] })
        #expect(!late.isComplete)
        #expect(await late.next(5).map(\.number) == [7, 8, 9, 10, 11])

        let foreign = try hub.subscribe(.to("a") { $0.since = Position(epoch: "another", offset: 3) })
        #expect(!foreign.isComplete)
    }

    @Test func `a subscription ends with the last who holds it`() async throws {
        let hub = EventHub.sample()
        do {
            let one = try hub.subscribe(.to("a"))
            let other = try hub.subscribe(.to("b/*"))
            #expect(hub.subscriptionCount == 2)
            #expect(hub.channelCount == 2)
            #expect(try await hub.receipt(.sample(), to: "a").targeted == 1)
            withExtendedLifetime((one, other)) {}
        }
        #expect(hub.subscriptionCount == 0)
        #expect(hub.channelCount == 0)
        #expect(try await hub.receipt(.sample(), to: "a").targeted == 0)
    }

    @Test func `a reader that is cancelled gets nothing more`() async throws {
        let hub = EventHub.sample()
        let subscription = try hub.subscribe(.to("a"))
        await withTaskGroup { group in
            group.addTask { await subscription.next(1) }
            group.cancelAll()
            #expect(await group.next()?.isEmpty == true)
        }
    }

    @Test func `no event is lost between readers that wait and publishers that do not`() async throws {
        let hub = EventHub.sample()
        let subscription = try hub.subscribe(.to("a"), capacity: 10_000)
        try await withThrowingDiscardingTaskGroup { group in
            for publisher in 0..<4 {
                group.addTask {
                    for number in 0..<500 { try await hub.publish(.sample(publisher * 1000 + number), to: "a") }
                }
            }
            let events = await subscription.next(2000)
            #expect(events.map(\.position.offset) == Array(1...2000))
            for publisher in 0..<4 {
                let numbers = events.map(\.number).filter { $0 / 1000 == publisher }
                #expect(numbers == Array(publisher * 1000..<publisher * 1000 + 500))
            }
        }
    }

    @Test func `the statistics count what there is`() async throws {
        let hub = EventHub.sample(TopicClass(historyCount: 2))
        let one = try hub.subscribe(.to("a"))
        let other = try hub.subscribe(.to("a"))
        let all = try hub.subscribe(.to("*"))
        for _ in 1...3 { try await hub.publish(.sample(1, key: "once"), to: "a") }
        for _ in 1...4 { try await hub.publish(.sample(2), to: "b") }
        let statistics = hub.statistics
        #expect(statistics.topics.topics == 2)
        #expect(statistics.topics.published == 5)
        #expect(statistics.topics.duplicates == 2)
        #expect(statistics.topics.held == 3)
        #expect(statistics.channels.first { $0.pattern == .exact("a") }?.subscribers == 2)
        #expect(statistics.channels.first { $0.pattern == .all }?.subscribers == 1)
        withExtendedLifetime((one, other, all)) {}
    }
}

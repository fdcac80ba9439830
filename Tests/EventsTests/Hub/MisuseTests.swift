import Logging
import NIOCore
import TestRedis
import TestWebSocket
import Testing

@testable import Events

/// Uses of a hub that nobody should make, and others' code that uses the hub from within.
@Suite(.timeLimit(.minutes(2))) struct MisuseTests {
    private let silent = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    @Test func `several tasks that read a subscription get each event once`() async throws {
        let hub = EventHub.sample()
        let subscription = try hub.subscribe(.to("a"), capacity: 10_000)
        let read = try await withThrowingTaskGroup(of: [Int].self) { group in
            for _ in 0..<4 {
                group.addTask {
                    var numbers: [Int] = []
                    // Nobody gets an end: the last four tell the readers to stop.
                    for await event in subscription {
                        guard event.number > 0 else { break }
                        numbers.append(event.number)
                    }
                    return numbers
                }
            }
            for number in 1...1000 {
                try await hub.publish(.sample(number), to: "a")
                if number.isMultiple(of: 50) { await Task.yield() }
            }
            for _ in 0..<4 { try await hub.publish(.sample(0), to: "a") }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(read.sorted() == Array(1...1000))
    }

    @Test func `of several readers one that is cancelled leaves the events to the others`() async throws {
        let hub = EventHub.sample()
        let subscription = try hub.subscribe(.to("a"))
        let cancelled = Task { await subscription.next(1) }
        let other = Task { await subscription.next(1) }
        cancelled.cancel()
        #expect(await cancelled.value.isEmpty)
        try await hub.publish(.sample(1), to: "a")
        #expect(await other.value.map(\.number) == [1])
    }

    @Test func `a filter may use the hub`() async throws {
        let hub = EventHub.sample()
        let echoes = try hub.subscribe(.to("echo"))
        let inner = Recorder<Int>()
        let subscription = try hub.subscribe(.to("a")) { event in
            hub.submit(.sample(event.number), to: "echo") { _ in }
            if let nested = try? hub.subscribe(.to("b")) { inner.record(nested.isComplete ? event.number : -1) }
            // Also to the topic that it filters.
            if event.number == 1 { hub.submit(.sample(100), to: "a") { _ in } }
            return hub.heldHistory(of: "a", since: nil, limit: 1) != nil && event.number != 2
        }
        for number in 1...3 { try await hub.publish(.sample(number), to: "a") }
        #expect(await subscription.next(3).map(\.number) == [1, 100, 3])
        #expect(await echoes.next(4).map(\.number) == [1, 100, 2, 3])
        #expect(inner.elements == [1, 100, 2, 3])
    }

    @Test func `what comes while a filter decides is bounded, and what is lost is counted`() async throws {
        let hub = EventHub.sample()
        let inFilter = Recorder<Int>()
        let subscription = try hub.subscribe(.to("a"), capacity: 4) { event in
            // Publishes while it decides, as if another publisher came.
            if event.number == 1 {
                for number in 2...20 { hub.submit(.sample(number), to: "a") { _ in } }
                inFilter.record(hub.topicStatistics.held)
            }
            return true
        }
        try await hub.publish(.sample(1), to: "a")
        #expect(inFilter.elements == [20])
        let events = await subscription.next(4)
        // What waits is bounded, and what was lost is counted.
        #expect(events.last?.number == 20)
        #expect(events.reduce(0) { $0 + $1.missed } + events.count == 20)
    }

    @Test func `what waits to be stored when a hub that never ran closes is refused`() async throws {
        let log = MemoryLog()
        let hub = EventHub.sample(TopicClass(isDurable: true), log: log)
        let outcomes = Recorder<PublishOutcome>()
        for number in 1...3 { hub.submit(.sample(number), to: "a") { outcomes.record(PublishOutcome($0)) } }
        await hub.close()
        #expect(outcomes.elements == [.refused, .refused, .refused])
        await #expect { try await hub.publish(.sample(), to: "a") } throws: {
            if case PublishError.stopped = $0 { true } else { false }
        }
        // Running it later has nothing to store, and ends when it is told to.
        let run = Task { await hub.run(cleanupInterval: .seconds(3600), logger: silent) }
        run.cancel()
        await run.value
        #expect(log.attempts.elements.isEmpty)
    }

    @Test func `closing a hub that runs waits until all is stored`() async throws {
        let log = MemoryLog()
        let hub = EventHub.sample(TopicClass(isDurable: true), log: log)
        try await hub.running {
            log.hold()
            let outcomes = Recorder<PublishOutcome>()
            for number in 1...3 { hub.submit(.sample(number), to: "a") { outcomes.record(PublishOutcome($0)) } }
            await log.attempts.wait(forCount: 1)
            async let closed: Void = hub.close()
            log.release()
            await closed
            #expect(outcomes.elements == [.published, .published, .published])
        }
    }

    @Test func `drafts of a hub that nobody holds any more are refused`() async throws {
        let outcomes = Recorder<PublishOutcome>()
        do {
            let hub = EventHub.sample(TopicClass(isDurable: true), log: MemoryLog())
            hub.submit(.sample(), to: "a") { outcomes.record(PublishOutcome($0)) }
        }
        #expect(await outcomes.wait(forCount: 1) == [.refused])
    }

    @Test func `a second run does nothing, and the first goes on`() async throws {
        let log = MemoryLog()
        let hub = EventHub.sample(TopicClass(isDurable: true), log: log)
        try await hub.running {
            try await hub.publish(.sample(1), to: "a")
            await hub.run(cleanupInterval: .seconds(3600), logger: silent)
            try await hub.publish(.sample(2), to: "a")
        }
        #expect(log.offsets == [1, 2])
    }
}

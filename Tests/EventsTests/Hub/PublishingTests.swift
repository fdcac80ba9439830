import NIOCore
import Synchronization
import TestRedis
import TestWebSocket
import Testing

@testable import Events

private final class Counter: HubObserver {
    let outcomes = Recorder<PublishOutcome>()

    func published(_ outcome: PublishOutcome) { outcomes.record(outcome) }
    func passed(_ pass: FanoutPass, in time: Duration) {}
}

@Suite(.timeLimit(.minutes(5))) struct PublishingTests {
    @Test func `a draft that is published again under its key is not sent again`() async throws {
        let observer = Counter()
        let hub = EventHub.sample(observer: observer)
        let subscription = try hub.subscribe(.to("a"))
        let first = try await hub.publish(.sample(1, key: "once"), to: "a")
        let again = try await hub.publish(.sample(2, key: "once"), to: "a")
        #expect(!first.isDuplicate)
        #expect(again.isDuplicate)
        #expect(again.position == first.position)
        #expect(again.targeted == 0)
        try await hub.publish(.sample(3), to: "a")
        #expect(await subscription.next(2).map(\.number) == [1, 3])
        #expect(observer.outcomes.elements == [.published, .duplicate, .published])
    }

    @Test func `what cannot be published is refused with a reason`() async throws {
        let observer = Counter()
        let hub = EventHub.sample(TopicClass(keepsState: true, stateEntries: 1), maximumTopics: 1, observer: observer)
        try await hub.publish(.sample(1, stateKey: "k"), to: "a")
        await #expect { try await hub.publish(.sample(), to: "b") } throws: {
            if case PublishError.topic(.tooMany(limit: 1)) = $0 { true } else { false }
        }
        await #expect { try await hub.publish(.sample(key: ""), to: "a") } throws: {
            if case PublishError.draft(.idempotencyKeyLength(0)) = $0 { true } else { false }
        }
        await #expect { try await hub.publish(.sample(stateKey: "l"), to: "a") } throws: {
            if case PublishError.stateFull(.entries(1)) = $0 { true } else { false }
        }
        #expect(observer.outcomes.elements == [.published, .refused, .refused, .refused])
    }

    @Test func `the keyed state holds the newest of each key`() async throws {
        let hub = EventHub.sample(TopicClass(historyCount: 0, keepsState: true))
        for number in 1...3 { try await hub.publish(.sample(number, stateKey: "k"), to: "a") }
        try await hub.publish(.sample(4, stateKey: "gone"), to: "a")
        try await hub.publish(.sample(5, stateKey: "gone", removes: true), to: "a")
        let snapshot = try #require(hub.snapshot(of: "a"))
        #expect(snapshot.entries.map(\.offset) == [3])
        #expect(snapshot.position.offset == 5)
        #expect(hub.snapshot(of: "b") == nil)
    }

    @Test func `the history is read in pages`() async throws {
        let hub = EventHub.sample()
        for number in 1...10 { try await hub.publish(.sample(number), to: "a") }
        let epoch = try #require(hub.heldHistory(of: "a", since: nil, limit: 3)?.position.epoch)
        #expect(hub.heldHistory(of: "a", since: nil, limit: 3)?.publications.map(\.offset) == [8, 9, 10])
        let page = hub.heldHistory(of: "a", since: Position(epoch: epoch, offset: 2), limit: 3)
        #expect(page?.publications.map(\.offset) == [3, 4, 5])
        #expect(page?.hasMore == true)
        #expect(hub.heldHistory(of: "b", since: nil, limit: 3) == nil)
    }

    @Test func `handlers hear what clients send, in order, also after one has failed`() async throws {
        struct Failure: Error {}
        let hub = EventHub.sample()
        let heard = Recorder<String>()
        hub.register(.custom) { _, message in
            heard.record("first \(message.text)")
            throw Failure()
        }
        hub.register(.custom) { _, message in heard.record("second \(message.text)") }
        let id = ConnectionID()
        #expect(hub.handle("custom", from: id, ByteBuffer(string: "1")))
        #expect(hub.handle("nobody's", from: id, ByteBuffer(string: "x")))
        try await hub.running {
            #expect(hub.handle("custom", from: id, ByteBuffer(string: "2")))
            await heard.wait(forCount: 4)
        }
        #expect(heard.elements == ["first 1", "second 1", "first 2", "second 2"])
    }

    @Test func `too many messages to handle are refused`() {
        let hub = EventHub.sample()
        hub.register(.custom) { _, _ in }
        let id = ConnectionID()
        let large = ByteBuffer(repeating: 0, count: 1 << 20)
        for _ in 1...16 { #expect(hub.handle("custom", from: id, large)) }
        #expect(!hub.handle("custom", from: id, ByteBuffer(string: "1")))
    }

    @Test func `cleaning up removes topics that nobody uses and leaves the others`() async throws {
        let hub = EventHub.sample(
            TopicClass(historyAge: .zero, idempotencyAge: .zero, retention: .zero),
            maximumTopics: 10_000
        )
        let watched = try hub.subscribe(.to("watched"))
        // More than are visited at once.
        for number in 1...600 { try await hub.publish(.sample(number), to: try TopicName("idle/\(number)")) }
        do { _ = try hub.subscribe(.to("pristine")) }
        #expect(hub.topicStatistics.topics == 602)
        try await hub.running(cleanupInterval: .milliseconds(1)) {
            #expect(await eventually { hub.topicStatistics.topics == 1 })
        }
        #expect(hub.heldHistory(of: "watched", since: nil, limit: 1) != nil)
        withExtendedLifetime(watched) {}
    }

    @Test func `when the hub is closed nothing is published any more, and all that was has arrived`() async throws {
        let hub = EventHub.sample(TopicClass(historyCount: 10_000, isDurable: true), log: MemoryLog())
        try await withHubServer(hub) { server in
            let client = try await server.connect()
            try await client.subscribe(hub, .to("a"))
            try await hub.running {
                let outcomes = Recorder<Bool>()
                let publishers = (0..<4).map { _ in
                    Task {
                        while true {
                            let isPublished = (try? await hub.publish(.sample(1), to: "a")) != nil
                            outcomes.record(isPublished)
                            if !isPublished { return }
                        }
                    }
                }
                await outcomes.wait(forCount: 200)
                await hub.close()
                for publisher in publishers { await publisher.value }
                let published = outcomes.elements.count { $0 }
                let received = try await client.all(hub)
                #expect(received.count == published)
            }
        }
    }
}

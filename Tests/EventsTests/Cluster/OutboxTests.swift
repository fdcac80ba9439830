import Synchronization
import Testing

@testable import Events

@Suite struct OutboxTests {
    private let now = ContinuousClock.now
    private let topic = name("t")

    private func outbox(count: Int = 5, bytes: Int = 1 << 20) -> Outbox {
        Outbox(maximumCount: count, maximumBytes: bytes, settleTime: .seconds(5))
    }

    private func append(_ outbox: inout Outbox, _ text: String, at time: ContinuousClock.Instant? = nil) throws {
        try outbox.append(draft(text), to: topic, class: TopicClass(), now: time ?? now) { _ in }
    }

    @Test func `sends in order and once`() throws {
        var outbox = outbox()
        for text in ["a", "b", "c"] { try append(&outbox, text) }
        #expect(outbox.takeNext(2).map(\.sequence) == [1, 2])
        #expect(outbox.takeNext(9).map(\.sequence) == [3])
        #expect(outbox.takeNext(9).isEmpty)
        #expect(outbox.backlog == 3)
    }

    @Test func `tells each publisher once`() throws {
        var outbox = outbox()
        try append(&outbox, "a")
        _ = outbox.takeNext(1)
        #expect(outbox.stored(1) != nil)
        #expect(outbox.stored(1) == nil)
        #expect(outbox.backlog == 1)
        outbox.settled(1, now: now)
        #expect(outbox.backlog == 0)
        try append(&outbox, "b")
        _ = outbox.takeNext(1)
        #expect(outbox.refused(2) != nil)
        #expect(outbox.backlog == 0)
    }

    @Test func `refuses what is too much while connected and makes room by what is settled`() throws {
        var outbox = outbox()
        for text in ["a", "b", "c", "d", "e"] { try append(&outbox, text) }
        #expect(throws: ClusterError.busy(limit: 5)) { try append(&outbox, "f") }
        _ = outbox.takeNext(5)
        outbox.settled(1, now: now)
        try append(&outbox, "f")
        #expect(outbox.takeNext(5).map(\.sequence) == [6])
    }

    @Test func `drops and counts the oldest while alone`() {
        var outbox = outbox(count: 3)
        for text in ["a", "b", "c", "d", "e"] {
            _ = outbox.appendDelivered(draft(text), to: topic, class: TopicClass())
        }
        #expect(outbox.dropped == 2)
        #expect(outbox.backlog == 3)
        #expect(outbox.takeNext(9).map(\.sequence) == [3, 4, 5])
        var small = self.outbox(bytes: 1_000)
        for _ in 0..<9 { _ = small.appendDelivered(draft("12345678"), to: topic, class: TopicClass()) }
        #expect(small.backlog == 3)
        #expect(small.dropped == 6)
    }

    @Test func `what was not carried out is sent again`() throws {
        var outbox = outbox()
        for text in ["a", "b", "c"] { try append(&outbox, text) }
        _ = outbox.takeNext(3)
        outbox.undo(from: 2)
        outbox.undo(from: 3)
        #expect(outbox.takeNext(9).map(\.sequence) == [2, 3])
    }

    @Test func `what did not come back is delivered here once and sent again`() throws {
        var outbox = outbox()
        for text in ["a", "b", "c"] { try append(&outbox, text) }
        _ = outbox.takeNext(2)
        _ = outbox.stored(1)
        outbox.settled(1, now: now)
        _ = outbox.stored(2)
        let undelivered = outbox.takeUndelivered()
        #expect(undelivered.map(\.sequence) == [2, 3])
        // The publisher of 2 knows already.
        #expect(undelivered.map { $0.completion != nil } == [false, true])
        #expect(outbox.takeUndelivered().isEmpty)
        outbox.resend(hasLostData: false)
        #expect(outbox.takeNext(9).map(\.sequence) == [2, 3])
        #expect(outbox.takeUndelivered().isEmpty)
    }

    @Test func `after a loss of data it sends again what went through lately`() throws {
        var outbox = outbox()
        try append(&outbox, "a")
        _ = outbox.takeNext(1)
        outbox.settled(1, now: now)
        try append(&outbox, "b", at: now + .seconds(5))
        _ = outbox.takeNext(1)
        outbox.settled(2, now: now + .seconds(5))
        outbox.resend(hasLostData: true)
        #expect(outbox.takeNext(9).map(\.sequence) == [2])
        #expect(outbox.takeUndelivered().isEmpty)
    }
}

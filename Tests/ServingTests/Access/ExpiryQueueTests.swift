import Testing

@testable import Serving

@Suite struct ExpiryQueueTests {
    private let start = ContinuousClock.now

    private func at(_ seconds: Int) -> ContinuousClock.Instant { start + .seconds(seconds) }

    @Test func `entries are due in the order of their deadlines`() {
        var queue = ExpiryQueue()
        #expect(queue.next == nil)
        for (id, seconds) in [(1, 30), (2, 10), (3, 20), (4, 10)] { queue.insert(ExpiryQueue.ID(id), at: at(seconds)) }
        #expect(queue.next == at(10))
        #expect(queue.takeDue(now: at(9)) == [])
        #expect(queue.takeDue(now: at(10)) == [2, 4])
        #expect(queue.next == at(20))
        #expect(queue.takeDue(now: at(100)) == [3, 1])
        #expect(queue.next == nil && queue.count == 0)
    }

    @Test func `an entry that was removed is never due`() {
        var queue = ExpiryQueue()
        for id in 0..<100 { queue.insert(ExpiryQueue.ID(id), at: at(id % 10)) }
        for id in stride(from: 0, to: 100, by: 2) { queue.remove(ExpiryQueue.ID(id), at: at(id % 10)) }
        queue.remove(1, at: at(2))
        queue.remove(1000, at: at(2))
        #expect(queue.count == 50)
        #expect(Set(queue.takeDue(now: at(10))) == Set(stride(from: 1, to: 100, by: 2).map { ExpiryQueue.ID($0) }))
    }
}

import Testing
import TestRandom

@testable import Storage

@Suite struct WriteQueueTests {
    private let start = ContinuousClock.now

    @Test func `a lone write begins a batch at once`() {
        var queue = WriteQueue<String>(capacity: 4, batchLimit: 2)
        #expect(queue.enqueue("a") == .begin(0))
        #expect(queue.take(now: start) == ["a"])
        #expect(!queue.isDrained)
        #expect(queue.finish(now: start) == .rest)
        #expect(queue.isDrained)
    }

    @Test func `what comes during a batch makes the next ones, in order and within the limit`() {
        var queue = WriteQueue<String>(capacity: 8, batchLimit: 2)
        _ = queue.enqueue("a")
        #expect(queue.take(now: start) == ["a"])
        for write in ["b", "c", "d"] { _ = queue.enqueue(write) }
        #expect(queue.finish(now: start) == .takeAnother)
        #expect(queue.take(now: start) == ["b", "c"])
        #expect(queue.enqueue("e") == .wait(4))
        #expect(queue.finish(now: start) == .takeAnother)
        #expect(queue.take(now: start) == ["d", "e"])
        #expect(queue.finish(now: start) == .rest)
    }

    @Test func `a full queue refuses, and says later when batches take longer`() throws {
        var queue = WriteQueue<Int>(capacity: 3, batchLimit: 1)
        var now = start
        for write in 0..<3 { _ = queue.enqueue(write) }
        guard case .refuse(let early) = queue.enqueue(3) else {
            Issue.record("not refused")
            return
        }
        for _ in 0..<30 {
            _ = queue.take(now: now)
            now += .seconds(1)
            _ = queue.finish(now: now)
            _ = queue.enqueue(0)
        }
        guard case .refuse(let late) = queue.enqueue(3) else {
            Issue.record("not refused")
            return
        }
        #expect(early >= .milliseconds(50))
        #expect(late > early)
        #expect(late <= .seconds(10))
    }

    @Test func `a write can be taken back while it waits, and only then`() {
        var queue = WriteQueue<String>(capacity: 8, batchLimit: 8)
        _ = queue.enqueue("a")
        #expect(queue.take(now: start) == ["a"])
        for write in ["b", "c", "d"] { _ = queue.enqueue(write) }
        #expect(queue.withdraw(0) == nil)
        #expect(queue.withdraw(2) == "c")
        #expect(queue.withdraw(2) == nil)
        #expect(queue.withdraw(99) == nil)
        #expect(queue.finish(now: start) == .takeAnother)
        #expect(queue.take(now: start) == ["b", "d"])
    }

    @Test func `a batch of which all was taken back ends like any other`() {
        var queue = WriteQueue<String>(capacity: 8, batchLimit: 8)
        #expect(queue.enqueue("a") == .begin(0))
        #expect(queue.withdraw(0) == "a")
        #expect(queue.take(now: start) == [])
        #expect(queue.finish(now: start) == .rest)
        #expect(queue.enqueue("b") == .begin(1))
    }

    @Test func `a closed queue takes nothing and still gives out what waits`() {
        var queue = WriteQueue<String>(capacity: 8, batchLimit: 8)
        _ = queue.enqueue("a")
        queue.close()
        #expect(queue.enqueue("b") == .closed)
        #expect(queue.take(now: start) == ["a"])
        #expect(queue.finish(now: start) == .rest)
        #expect(queue.isDrained)
    }

    @Test(arguments: 1...40) func `whatever happens, each write leaves once and in order`(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        let capacity = Int.random(in: 1...20, using: &random)
        let batchLimit = Int.random(in: 1...8, using: &random)
        var queue = WriteQueue<Int>(capacity: capacity, batchLimit: batchLimit)
        var admitted: [Int] = []
        var left: [Int] = []
        var withdrawn: Set<Int> = []
        var isOut = false
        var isTaken = false
        for write in 0..<500 {
            switch Int.random(in: 0..<5, using: &random) {
            case 0, 1:
                switch queue.enqueue(write) {
                case .begin:
                    #expect(!isOut)
                    isOut = true
                    isTaken = false
                    admitted.append(write)
                case .wait:
                    #expect(isOut)
                    admitted.append(write)
                case .refuse: #expect(queue.count == capacity)
                case .closed: Issue.record("the queue is open")
                }
            case 2 where !admitted.isEmpty:
                let id = Int.random(in: 0..<admitted.count, using: &random)
                if let write = queue.withdraw(UInt64(id)) {
                    #expect(write == admitted[id])
                    #expect(withdrawn.insert(write).inserted)
                }
            case 3 where isOut && !isTaken:
                let batch = queue.take(now: start)
                #expect(batch.count <= batchLimit)
                left += batch
                isTaken = true
            case 4 where isOut && isTaken:
                isOut = queue.finish(now: start) == .takeAnother
                isTaken = false
            default: break
            }
            #expect(queue.count <= capacity)
        }
        if isOut, !isTaken { left += queue.take(now: start) }
        while isOut {
            isOut = queue.finish(now: start) == .takeAnother
            if isOut { left += queue.take(now: start) }
        }
        #expect(queue.isDrained)
        #expect(left == admitted.filter { !withdrawn.contains($0) })
    }
}

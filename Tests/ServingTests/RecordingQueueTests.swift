import Testing

@testable import Serving

@Suite struct RecordingQueueTests {
    private let start = ContinuousClock.now

    private func at(_ seconds: Int) -> ContinuousClock.Instant { start + .seconds(seconds) }

    private func queue(memory: Int = 400, decoders: Int = 4, waiting: Int = 16) -> RecordingQueue {
        RecordingQueue(limits: .init(memory: memory, largest: 100, decoders: decoders, waiting: waiting))
    }

    @Test func `turns come in the order of arrival, a few at a time`() {
        var queue = queue(decoders: 2)
        #expect((1...5).map { queue.enter($0, at: at(0)) } == [.begin, .begin, .wait, .wait, .wait])
        #expect(queue.decoded(2, at: at(1)) == [3])
        // One that goes away while it waits holds nobody up.
        #expect(queue.leave(4, at: at(1)) == [])
        #expect(queue.leave(1, at: at(1)) == [5])
    }

    @Test func `memory is counted by the sound that is there`() {
        var queue = queue(memory: 100, decoders: 10)
        // Ten small ones have room where one of the largest would have it.
        for id in 1...9 as ClosedRange<UInt64> {
            #expect(queue.enter(id, at: at(0)) == .begin)
            #expect(queue.grow(id, by: 4) == true)
            #expect(queue.decoded(id, at: at(0)) == [])
        }
        #expect(queue.taken == 36)
        #expect(queue.enter(10, at: at(0)) == .begin)
        #expect(queue.grow(10, by: 64) == true)
        #expect(queue.taken == 100)
        for id in 1...10 as ClosedRange<UInt64> { #expect(queue.leave(id, at: at(1)) == []) }
        #expect(queue.taken == 0)
    }

    @Test func `what the oldest may still need is kept free of the others, and they go on when it is done`() {
        var queue = queue(memory: 150, decoders: 3)
        for id in 1...3 as ClosedRange<UInt64> { #expect(queue.enter(id, at: at(0)) == .begin) }
        #expect(queue.grow(2, by: 40) == true)
        // 10 are left beside the 100 of the first.
        #expect(queue.grow(3, by: 20) == false)
        // However little the next one needs, it waits behind the other: as many more like it would starve that.
        #expect(queue.enter(4, at: at(0)) == .wait)
        #expect(queue.grow(1, by: 100) == true)
        #expect(queue.decoded(1, at: at(1)) == [])
        // The second is the oldest now; the third waits for what it may need.
        #expect(queue.leave(1, at: at(2)) == [3, 4])
        #expect(queue.taken == 60)
    }

    @Test func `those behind one that waits do not pass it`() {
        var queue = queue(memory: 130, decoders: 3)
        for id in 1...3 as ClosedRange<UInt64> { _ = queue.enter(id, at: at(0)) }
        #expect(queue.grow(2, by: 31) == false)
        #expect(queue.grow(3, by: 1) == false)
        #expect(queue.leave(1, at: at(1)) == [2, 3])
    }

    @Test func `one too many is refused with the time in which the others have their turn`() {
        var queue = queue(decoders: 2, waiting: 2)
        _ = queue.enter(1, at: at(0))
        _ = queue.enter(2, at: at(0))
        #expect(queue.decoded(1, at: at(6)) == [])
        #expect(queue.leave(1, at: at(6)) == [])
        #expect(queue.enter(3, at: at(6)) == .begin)
        #expect(queue.enter(4, at: at(6)) == .wait)
        #expect(queue.enter(5, at: at(6)) == .wait)
        // Decoding took six seconds, on two threads: one turn every three seconds, three of them.
        #expect(queue.enter(6, at: at(6)) == .refuse(retryAfter: .seconds(9)))
        // It takes longer now than it did.
        #expect(queue.enter(6, at: at(26)) == .refuse(retryAfter: .milliseconds(34_500)))
    }

    @Test func `what keeps memory tells the time when memory is what is missing`() {
        var queue = queue(memory: 100, waiting: 0)
        _ = queue.enter(1, at: at(0))
        #expect(queue.grow(1, by: 100) == true)
        _ = queue.decoded(1, at: at(1))
        #expect(queue.enter(2, at: at(40)) == .refuse(retryAfter: .seconds(40)))
        _ = queue.leave(1, at: at(60))
        _ = queue.enter(2, at: at(60))
        #expect(queue.grow(2, by: 100) == true)
        _ = queue.decoded(2, at: at(61))
        #expect(queue.enter(3, at: at(62)) == .refuse(retryAfter: .seconds(60)))
    }

    @Test(arguments: 0..<40) func `whatever comes, all are served in order and memory suffices`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var queue = queue(memory: Int.random(in: 100...300, using: &random), decoders: 3, waiting: .max)
        let count = 60 as UInt64
        let limit = 300
        var sizes: [UInt64: Int] = [:]
        var begun: [UInt64] = []
        var blocked: Set<UInt64> = []
        var decoding: [UInt64] = []
        var used: [UInt64] = []
        func take(_ ready: [UInt64]) {
            for id in ready {
                if blocked.remove(id) == nil {
                    begun.append(id)
                    decoding.append(id)
                }
            }
        }
        var next = 1 as UInt64
        while begun.count < count || !decoding.isEmpty || !used.isEmpty {
            #expect(queue.taken <= limit)
            let free = decoding.filter { !blocked.contains($0) }
            switch Int.random(in: 0..<3, using: &random) {
            case 0 where next <= count:
                sizes[next] = Int.random(in: 1...100, using: &random)
                if queue.enter(next, at: at(0)) == .begin { take([next]) }
                next += 1
            case 1 where !used.isEmpty && (Bool.random(using: &random) || free.isEmpty):
                take(queue.leave(used.remove(at: Int.random(in: 0..<used.count, using: &random)), at: at(0)))
            default:
                guard let id = free.randomElement(using: &random) else {
                    // Somebody can always go on: else nobody ever will.
                    #expect(!used.isEmpty || next <= count)
                    if used.isEmpty, next > count { return }
                    continue
                }
                let step = min(sizes[id] ?? 0, Int.random(in: 1...30, using: &random))
                if step == 0 {
                    decoding.removeAll { $0 == id }
                    used.append(id)
                    take(queue.decoded(id, at: at(0)))
                } else {
                    sizes[id]? -= step
                    if !queue.grow(id, by: step) { blocked.insert(id) }
                }
            }
        }
        #expect(begun == Array(1...count))
        #expect(queue.taken == 0)
    }

    /// SplitMix64.
    private struct SeededGenerator: RandomNumberGenerator {
        var seed: UInt64

        mutating func next() -> UInt64 {
            seed &+= 0x9E37_79B9_7F4A_7C15
            var value = seed
            value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
            value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
            return value ^ (value >> 31)
        }
    }
}

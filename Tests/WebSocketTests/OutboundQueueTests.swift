import NIOCore
import Testing
import TestRandom

@testable import WebSocket

@Suite struct OutboundQueueTests {
    private func frame(_ count: Int, _ mark: UInt8 = 0) -> ByteBuffer { ByteBuffer(repeating: mark, count: count) }

    private func marks(_ queue: inout OutboundQueue) -> [UInt8] {
        var marks: [UInt8] = []
        while let frame = queue.popFirst() { marks.append(frame.readableBytesView.first ?? 0) }
        return marks
    }

    @Test func `frames leave in the order they came`() {
        var queue = OutboundQueue(maxBytes: 1000)
        #expect(queue.isEmpty && queue.popFirst() == nil)
        for mark in UInt8(1)...100 {
            #expect(queue.append(frame(10, mark), droppable: mark % 2 == 0) == .queued)
        }
        #expect(queue.count == 100 && queue.bytes == 1000)
        #expect(marks(&queue) == Array(1...100))
        #expect(queue.count == 0 && queue.bytes == 0 && queue.dropped == 0)
    }

    @Test func `the oldest droppable frames go first`() {
        var queue = OutboundQueue(maxBytes: 100)
        _ = queue.append(frame(30, 1), droppable: false)
        _ = queue.append(frame(30, 2), droppable: true)
        _ = queue.append(frame(20, 3), droppable: true)
        _ = queue.append(frame(20, 4), droppable: true)
        #expect(queue.append(frame(40, 5), droppable: false) == .dropped(2))
        #expect(queue.dropped == 2)
        #expect(queue.bytes == 90 && queue.count == 3)
        #expect(marks(&queue) == [1, 4, 5])
    }

    @Test func `frames that must not be dropped overflow`() {
        var queue = OutboundQueue(maxBytes: 100)
        _ = queue.append(frame(80, 1), droppable: false)
        _ = queue.append(frame(20, 2), droppable: true)
        #expect(queue.append(frame(21, 3), droppable: false) == .overflow)
        #expect(queue.dropped == 0 && queue.bytes == 100)
        #expect(queue.append(frame(20, 4), droppable: false) == .dropped(1))
        #expect(marks(&queue) == [1, 4])
    }

    @Test func `a droppable frame that cannot fit is itself dropped`() {
        var queue = OutboundQueue(maxBytes: 100)
        _ = queue.append(frame(70, 1), droppable: false)
        _ = queue.append(frame(20, 2), droppable: true)
        #expect(queue.append(frame(31, 3), droppable: true) == .refused)
        #expect(queue.append(frame(101, 4), droppable: true) == .refused)
        #expect(queue.dropped == 2)
        #expect(marks(&queue) == [1, 2])
    }

    @Test func `the number of frames is bounded too`() {
        var queue = OutboundQueue(maxBytes: 1000, maxFrames: 3)
        for number in 1...3 { #expect(queue.append(frame(1), droppable: number == 2) == .queued) }
        #expect(queue.append(frame(1), droppable: false) == .dropped(1))
        #expect(queue.append(frame(1), droppable: false) == .overflow)
    }

    @Test func `it agrees with a plain model`() {
        struct Item: Equatable {
            var size: Int
            var isDroppable: Bool
        }
        var random = SeededGenerator(seed: 21)
        var queue = OutboundQueue(maxBytes: 2000, maxFrames: 60)
        var model: [Item] = []
        var outcomes: [String: Int] = [:]
        for step in 0..<10_000 {
            if Int.random(in: 0..<5, using: &random) == 0 {
                let expected = model.isEmpty ? nil : model.removeFirst().size
                #expect(queue.popFirst()?.readableBytes == expected)
            } else if step % 5_000 == 4_999 {
                queue.removeAll()
                model = []
            } else {
                let item = Item(
                    size: Int.random(in: 1...120, using: &random),
                    isDroppable: Int.random(in: 0..<4, using: &random) > 0
                )
                let fits = { (items: [Item]) in items.reduce(item.size) { $0 + $1.size } <= 2000 && items.count < 60 }
                let expected: OutboundQueue.Outcome
                if fits(model) {
                    expected = .queued
                    model.append(item)
                } else if fits(model.filter { !$0.isDroppable }) {
                    let before = model.count
                    while !fits(model), let index = model.firstIndex(where: \.isDroppable) { model.remove(at: index) }
                    expected = .dropped(before - model.count)
                    model.append(item)
                } else {
                    expected = item.isDroppable ? .refused : .overflow
                }
                outcomes["\(expected)".prefix(5).description, default: 0] += 1
                let outcome = queue.append(frame(item.size), droppable: item.isDroppable)
                #expect(outcome == expected)
            }
            #expect(queue.count == model.count && queue.bytes == model.reduce(0) { $0 + $1.size })
        }
        #expect(outcomes.count == 4)
    }

    @Test func `endless dropping does not grow it`() {
        var queue = OutboundQueue(maxBytes: 1000)
        _ = queue.append(frame(100, 1), droppable: false)
        for _ in 0..<50_000 { _ = queue.append(frame(100, 2), droppable: true) }
        #expect(queue.count == 10 && queue.dropped == 49_991)
        #expect(queue.slots <= 64)
        #expect(marks(&queue) == [1] + [UInt8](repeating: 2, count: 9))
        #expect(queue.slots == 0)
    }
}

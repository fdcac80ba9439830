import NIOCore
import Testing
import TestRandom

@testable import Events

@Suite struct TopicCursorTests {
    private func item(_ offset: UInt64, _ node: String = "b", _ sequence: UInt64? = nil) -> ClusterPublication {
        ClusterPublication(
            origin: Origin(node: node, sequence: sequence ?? offset),
            publication: Publication(offset: offset, draft: draft("\(offset)"))
        )
    }

    private func content(
        _ epoch: String,
        _ offset: UInt64,
        _ offsets: ClosedRange<UInt64>? = nil,
        isComplete: Bool = false,
        node: String = "b"
    ) -> TopicCursor.Content {
        TopicCursor.Content(
            position: Position(epoch: epoch, offset: offset),
            isComplete: isComplete,
            history: offsets.map { $0.map { item($0, node) } } ?? [],
            state: []
        )
    }

    /// What the subscribers get, as `epoch offset`.
    private func delivered(_ actions: [TopicCursor.Action]) -> [String] {
        actions.compactMap { action in
            if case .deliver(let publication, let epoch, _) = action { "\(epoch) \(publication.offset)" } else { nil }
        }
    }

    private func start(_ actions: [TopicCursor.Action]) -> Position? {
        guard case .restart(let content) = actions.first else { return nil }
        return content.position
    }

    @Test func `a new topic needs no fetching and repeated publications are ignored`() {
        var cursor = TopicCursor()
        let first = cursor.received(item(1), epoch: "E")
        #expect(start(first) == Position(epoch: "E", offset: 0))
        #expect(delivered(first) == ["E 1"])
        #expect(delivered(cursor.received(item(2), epoch: "E")) == ["E 2"])
        for number in [UInt64(2), 1] {
            #expect(cursor.received(item(number), epoch: "E") == [.skip(Origin(node: "b", sequence: number))])
        }
    }

    @Test func `what arrived is delivered although the history has let go of it`() {
        var cursor = TopicCursor()
        #expect(cursor.received(item(57), epoch: "E") == [.fetch])
        #expect(cursor.received(item(58), epoch: "E").isEmpty)
        // The history is short, or empty.
        let actions = cursor.fetched(content("E", 59, 59...59))
        #expect(start(actions) == Position(epoch: "E", offset: 56))
        #expect(delivered(actions) == ["E 57", "E 58", "E 59"])
        #expect(delivered(cursor.received(item(60), epoch: "E")) == ["E 60"])
    }

    @Test func `without a history what is still to arrive is delivered when it does`() {
        var cursor = TopicCursor()
        #expect(cursor.received(item(57), epoch: "E") == [.fetch])
        #expect(delivered(cursor.fetched(content("E", 59))) == ["E 57"])
        for number in [UInt64(58), 59, 60] {
            #expect(delivered(cursor.received(item(number), epoch: "E")) == ["E \(number)"])
        }
    }

    @Test func `what is on its way behind an arrival is waited for`() {
        var cursor = TopicCursor()
        _ = cursor.received(item(57), epoch: "E")
        _ = cursor.received(item(58), epoch: "E")
        #expect(delivered(cursor.fetched(content("E", 62, 61...62))) == ["E 57", "E 58"])
        for number in UInt64(59)...63 {
            #expect(delivered(cursor.received(item(number), epoch: "E")) == ["E \(number)"])
        }
    }

    @Test func `what does not come after all is given up with the next fetch`() {
        var cursor = TopicCursor()
        _ = cursor.received(item(57), epoch: "E")
        cursor.disconnected()
        #expect(cursor.fetch() == [.fetch])
        _ = cursor.received(item(70), epoch: "E")
        let first = cursor.fetched(content("E", 70, 69...70))
        #expect(delivered(first) == ["E 57"])
        #expect(first.last == .fetch)
        #expect(cursor.since == Position(epoch: "E", offset: 57))
        #expect(delivered(cursor.fetched(content("E", 70, 69...70))) == ["E 69", "E 70"])
        #expect(delivered(cursor.received(item(71), epoch: "E")) == ["E 71"])
    }

    @Test func `what arrives under an epoch that is gone holds nobody up`() {
        var cursor = TopicCursor()
        _ = cursor.received(item(5), epoch: "old")
        #expect(cursor.fetched(content("E", 9, 9...9)).last == .fetch)
        #expect(cursor.fetched(content("E", 9, 9...9)).contains(.giveUp(Origin(node: "b", sequence: 5))))
    }

    @Test func `of a gap that cannot be filled what arrived is delivered`() {
        var cursor = TopicCursor()
        _ = cursor.received(item(1), epoch: "E")
        #expect(cursor.received(item(4), epoch: "E") == [.fetch])
        let actions = cursor.fetched(content("E", 4))
        #expect(delivered(actions) == ["E 4"])
        #expect(cursor.since == Position(epoch: "E", offset: 4))
    }

    @Test func `what is given up is told, so that nobody waits for it`() {
        var cursor = TopicCursor()
        let limit = UInt64(TopicCursor.maximumWaiting)
        _ = cursor.received(item(2), epoch: "E")
        for number in 3...limit + 1 { #expect(cursor.received(item(number), epoch: "E").isEmpty) }
        let skipped = cursor.received(item(limit + 2), epoch: "E")
        #expect(skipped == (2...limit + 1).map { .skip(Origin(node: "b", sequence: $0)) })
    }

    @Test func `a gap is filled before later publications are delivered`() {
        var cursor = TopicCursor()
        _ = cursor.received(item(1), epoch: "E")
        #expect(cursor.received(item(4), epoch: "E") == [.fetch])
        #expect(cursor.since == Position(epoch: "E", offset: 1))
        #expect(cursor.received(item(5), epoch: "E").isEmpty)
        #expect(cursor.received(item(6), epoch: "E").isEmpty)
        let actions = cursor.fetched(content("E", 5, 2...5, isComplete: true))
        #expect(delivered(actions) == ["E 2", "E 3", "E 4", "E 5", "E 6"])
        #expect(start(actions) == nil)
    }

    @Test func `what the history has lost shows as a jump of the offset`() {
        var cursor = TopicCursor()
        _ = cursor.received(item(1), epoch: "E")
        _ = cursor.received(item(9), epoch: "E")
        let actions = cursor.fetched(content("E", 9, 7...9))
        #expect(start(actions) == Position(epoch: "E", offset: 6))
        #expect(delivered(actions) == ["E 7", "E 8", "E 9"])
    }

    @Test func `the past of an unknown topic is loaded in silence`() {
        var cursor = TopicCursor()
        #expect(cursor.received(item(4), epoch: "E") == [.fetch])
        #expect(cursor.since == nil)
        let actions = cursor.fetched(content("E", 5, 2...5))
        #expect(start(actions) == Position(epoch: "E", offset: 3))
        #expect(delivered(actions) == ["E 4", "E 5"])
        #expect(delivered(cursor.received(item(6), epoch: "E")) == ["E 6"])
    }

    @Test func `a new epoch starts anew, from its first publication or from the history`() {
        var cursor = TopicCursor()
        _ = cursor.received(item(1), epoch: "E")
        #expect(start(cursor.received(item(1, "b", 2), epoch: "F")) == Position(epoch: "F", offset: 0))
        #expect(cursor.received(item(3, "c", 9), epoch: "G") == [.fetch])
        let actions = cursor.fetched(content("G", 3, 1...3, node: "c"))
        #expect(delivered(actions) == ["G 1", "G 2", "G 3"])
    }

    @Test func `a repeated publication is taken in but not delivered again`() {
        var cursor = TopicCursor()
        _ = cursor.received(item(1, "b", 7), epoch: "E")
        let again = cursor.received(item(1, "b", 7), epoch: "F")
        #expect(delivered(again).isEmpty)
        #expect(again.last == .absorb(item(1, "b", 7).publication, epoch: "F", origin: Origin(node: "b", sequence: 7)))
        #expect(delivered(cursor.received(item(2, "b", 8), epoch: "F")) == ["F 2"])
    }

    @Test func `alone it numbers by itself and afterwards delivers only what others published`() {
        var cursor = TopicCursor()
        _ = cursor.received(item(1, "b", 1), epoch: "E")
        cursor.disconnected()
        var epochs = 0
        let newEpoch = {
            epochs += 1
            return "L"
        }
        let (first, actions) = cursor.publish(draft("x"), origin: Origin(node: "a", sequence: 1), newEpoch: newEpoch)
        #expect(first == Position(epoch: "L", offset: 1))
        #expect(start(actions) == Position(epoch: "L", offset: 0))
        #expect(delivered(actions) == ["L 1"])
        let (second, _) = cursor.publish(draft("y"), origin: Origin(node: "a", sequence: 2), newEpoch: newEpoch)
        #expect(second == Position(epoch: "L", offset: 2))
        #expect(epochs == 1)
        #expect(cursor.fetch() == [.fetch])
        #expect(cursor.since == nil)
        let back = TopicCursor.Content(
            position: Position(epoch: "E", offset: 4),
            isComplete: false,
            history: [item(1, "b", 1), item(2, "a", 1), item(3, "b", 2), item(4, "a", 2)],
            state: []
        )
        let loaded = cursor.fetched(back)
        #expect(start(loaded) == Position(epoch: "E", offset: 2))
        #expect(delivered(loaded) == ["E 3"])
        #expect(delivered(cursor.received(item(5, "a", 3), epoch: "E")) == ["E 5"])
    }

    @Test func `a topic that Redis does not know is new when it is published to`() {
        var cursor = TopicCursor()
        _ = cursor.fetch()
        #expect(cursor.fetched(nil).isEmpty)
        #expect(cursor.isLoaded)
        #expect(cursor.received(item(2), epoch: "E") == [.fetch])
        #expect(delivered(cursor.fetched(content("E", 2, 1...2))) == ["E 1", "E 2"])
    }

    @Test func `no more than a thousand publications wait for a gap`() {
        var cursor = TopicCursor()
        _ = cursor.received(item(1), epoch: "E")
        for offset in 3...5_000 { _ = cursor.received(item(UInt64(offset)), epoch: "E") }
        var texts = delivered(cursor.fetched(content("E", 100, 2...100, isComplete: true)))
        // The rest is found to be missing and fetched.
        #expect(cursor.since == Position(epoch: "E", offset: 100))
        texts += delivered(cursor.fetched(content("E", 5_000, 101...5_000, isComplete: true)))
        #expect(texts == (2...5_000).map { "E \($0)" })
    }

    @Test func `what waits is of use only in the epoch that Redis confirms`() {
        var cursor = TopicCursor()
        _ = cursor.received(item(1, "b", 1), epoch: "E")
        #expect(cursor.received(item(3, "b", 3), epoch: "E") == [.fetch])
        // Redis has lost its data; the publisher sends again what it published lately.
        let actions = cursor.fetched(content("F", 2, 1...2))
        #expect(delivered(actions) == ["F 2"])
        #expect(actions.last == .fetch)
        #expect(cursor.received(item(3, "b", 3), epoch: "F").isEmpty)
        #expect(delivered(cursor.fetched(content("F", 3, 3...3, isComplete: true))) == ["F 3"])
        // An answer of before the new epoch.
        #expect(cursor.received(item(2, "b", 5), epoch: "G") == [.fetch])
        #expect(cursor.fetched(content("F", 3, isComplete: true)) == [.fetch])
        let last = TopicCursor.Content(
            position: Position(epoch: "G", offset: 2),
            isComplete: false,
            history: [item(1, "b", 4), item(2, "b", 5)],
            state: []
        )
        #expect(delivered(cursor.fetched(last)) == ["G 1", "G 2"])
    }

    @Test func `random losses, repetitions and outages never reorder, repeat or lose`() {
        for seed in 0..<200 {
            var random = SeededGenerator(seed: UInt64(seed))
            var cursor = TopicCursor()
            var log: [ClusterPublication] = []
            var told: [UInt64] = []
            var pending = false
            func note(_ actions: [TopicCursor.Action]) {
                for action in actions {
                    if case .deliver(let publication, _, _) = action { told.append(publication.offset) }
                    if action == .fetch { pending = true }
                }
            }
            func answer(_ cursor: inout TopicCursor) {
                pending = false
                let since = cursor.since?.offset ?? 0
                note(
                    cursor.fetched(
                        .init(
                            position: Position(epoch: "E", offset: UInt64(log.count)),
                            isComplete: cursor.since != nil,
                            history: Array(log.dropFirst(Int(since))),
                            state: []
                        )
                    )
                )
            }
            for _ in 0..<300 {
                switch Int.random(in: 0..<10, using: &random) {
                case 0..<6:
                    log.append(item(UInt64(log.count) + 1, "b"))
                    if log.count == 1 || Bool.random(using: &random), let last = log.last {
                        note(cursor.received(last, epoch: "E"))
                    }
                case 6:
                    if let any = log.randomElement(using: &random), told.contains(any.publication.offset) {
                        note(cursor.received(any, epoch: "E"))
                    }
                case 7:
                    cursor.disconnected()
                    pending = false
                    note(cursor.fetch())
                default: if pending { answer(&cursor) }
                }
            }
            note(cursor.fetch())
            while pending { answer(&cursor) }
            #expect(told == log.map(\.publication.offset), "seed \(seed)")
        }
    }

    /// A page of what Redis holds.
    private func page(_ offsets: ClosedRange<UInt64>?, isComplete: Bool, hasMore: Bool) -> TopicCursor.Content {
        var page = content("E", 10, offsets, isComplete: isComplete)
        page.hasMore = hasMore
        return page
    }

    @Test func `pages make one content`() {
        var cursor = TopicCursor()
        _ = cursor.fetch()
        #expect(cursor.next == .init(since: nil, last: nil))
        #expect(cursor.collect(page(7...10, isComplete: false, hasMore: true)) == .more)
        let all = Position(epoch: "E", offset: 0)
        #expect(cursor.next == .init(since: all, last: 6))
        #expect(cursor.collect(page(4...6, isComplete: false, hasMore: true)) == .more)
        #expect(cursor.next == .init(since: all, last: 3))
        #expect(cursor.collect(page(1...3, isComplete: true, hasMore: false)) == .whole(content("E", 10, 1...10)))
        #expect(start(cursor.fetched(content("E", 10, 1...10))) == Position(epoch: "E", offset: 10))
    }

    @Test func `what Redis let go between two pages is not in the content, which is incomplete then`() {
        var cursor = TopicCursor()
        _ = cursor.received(item(1), epoch: "E")
        _ = cursor.fetch()
        let since = Position(epoch: "E", offset: 1)
        #expect(cursor.next == .init(since: since, last: nil))
        #expect(cursor.collect(page(7...10, isComplete: true, hasMore: true)) == .more)
        #expect(cursor.next == .init(since: since, last: 6))
        #expect(cursor.collect(page(5...6, isComplete: false, hasMore: false)) == .whole(content("E", 10, 5...10)))
        #expect(cursor.collect(page(7...10, isComplete: true, hasMore: true)) == .more)
        #expect(cursor.collect(page(nil, isComplete: false, hasMore: false)) == .whole(content("E", 10, 7...10)))
        // Redis lost everything, or what there was, or the connection.
        #expect(cursor.collect(page(7...10, isComplete: true, hasMore: true)) == .more)
        #expect(cursor.collect(nil) == .more)
        #expect(cursor.next == .init(since: since, last: nil))
        #expect(cursor.collect(nil) == .whole(nil))
        #expect(cursor.collect(page(7...10, isComplete: true, hasMore: true)) == .more)
        cursor.disconnected()
        #expect(cursor.next == .init(since: since, last: nil))
    }

    @Test func `what waits is bounded in bytes`() {
        var cursor = TopicCursor()
        _ = cursor.received(item(5), epoch: "E")
        let large = ClusterPublication(
            origin: Origin(node: "b", sequence: 6),
            publication: Publication(
                offset: 6,
                type: "custom",
                data: ByteBuffer(repeating: 0, count: TopicCursor.maximumWaitingBytes),
                timestamp: .now
            )
        )
        #expect(cursor.received(large, epoch: "E").isEmpty)
        let skipped = cursor.received(item(7), epoch: "E")
        #expect(skipped == [.skip(Origin(node: "b", sequence: 5)), .skip(Origin(node: "b", sequence: 6))])
    }
}

import NIOCore
import Testing

@testable import Events

@Suite struct TopicStateTests {
    let start = ContinuousClock.now

    private func topic(_ topicClass: TopicClass = TopicClass()) -> TopicState {
        TopicState(name: "t", class: topicClass, epoch: "epoch-01")
    }

    private func position(_ offset: UInt64, epoch: String = "epoch-01") -> Position {
        Position(epoch: epoch, offset: offset)
    }

    private func filled(_ count: Int, _ topicClass: TopicClass = TopicClass()) -> TopicState {
        var topic = topic(topicClass)
        for number in 1...count { _ = topic.publish(.sample(number), now: start) }
        return topic
    }

    private func publication(_ offset: UInt64, stateKey: String? = nil) -> Publication {
        Publication(offset: offset, draft: .sample(Int(truncatingIfNeeded: offset), stateKey: stateKey))
    }

    @Test func `publications are numbered from 1`() {
        var topic = topic()
        #expect(topic.position == position(0))
        #expect(topic.publish(.sample(), now: start).publication?.offset == 1)
        #expect(topic.publish(.sample(), now: start).publication?.offset == 2)
        #expect(topic.position == position(2))
    }

    @Test func `a repeated key is not published again`() {
        var topic = topic()
        _ = topic.publish(.sample(), now: start)
        #expect(topic.publish(.sample(1, key: "k"), now: start).publication?.offset == 2)
        _ = topic.publish(.sample(), now: start)
        #expect(topic.publish(.sample(1, key: "k"), now: start) == .duplicate(of: position(2)))
        #expect(topic.position == position(3))
        #expect(topic.publish(.sample(1, key: "k"), now: start + .seconds(300)).publication?.offset == 4)
    }

    @Test func `a subscriber gets exactly what it missed`() {
        let recovery = filled(5).recover(since: position(3), limit: 100, now: start)
        #expect(recovery.publications.map(\.offset) == [4, 5])
        #expect(recovery.publications.map(\.data.text) == ["{\"n\":4}", "{\"n\":5}"])
        #expect(recovery.isComplete && !recovery.hasMore)
        #expect(recovery.position == position(5))
    }

    @Test func `a subscriber that missed nothing gets nothing`() {
        let recovery = filled(5).recover(since: position(5), limit: 100, now: start)
        #expect(recovery.publications.isEmpty && recovery.isComplete)
        let silent = topic().recover(since: position(0), limit: 100, now: start)
        #expect(silent.publications.isEmpty && silent.isComplete)
    }

    @Test func `recovery without a position or from another epoch gives the newest`() {
        let topic = filled(5)
        let first = topic.recover(since: nil, limit: 2, now: start)
        #expect(first.publications.map(\.offset) == [4, 5])
        #expect(first.isComplete && first.hasMore)
        let other = topic.recover(since: position(5, epoch: "other"), limit: 100, now: start)
        #expect(other.publications.map(\.offset) == [1, 2, 3, 4, 5])
        #expect(!other.isComplete && !other.hasMore)
    }

    @Test(arguments: [6, UInt64.max]) func `a position ahead of the topic cannot be recovered`(_ offset: UInt64) {
        let recovery = filled(5).recover(since: position(offset), limit: 100, now: start)
        #expect(recovery.publications.isEmpty && !recovery.isComplete)
    }

    @Test(arguments: [0, -1, Int.min]) func `a limit below 1 gives nothing`(_ limit: Int) {
        let recovery = filled(5).recover(since: position(1), limit: limit, now: start)
        #expect(recovery.publications.isEmpty && recovery.isComplete && recovery.hasMore)
        #expect(filled(5).recover(since: nil, limit: limit, now: start).publications.isEmpty)
    }

    @Test func `a limit lets a reader go on where it stopped`() {
        let topic = filled(5)
        let recovery = topic.recover(since: position(1), limit: 2, now: start)
        #expect(recovery.publications.map(\.offset) == [2, 3])
        #expect(recovery.isComplete && recovery.hasMore)
        #expect(!topic.recover(since: position(3), limit: 2, now: start).hasMore)
    }

    @Test func `history is trimmed by count`() {
        let topic = filled(5, TopicClass(historyCount: 2))
        #expect(topic.historyCount == 2)
        #expect(topic.recover(since: position(3), limit: 100, now: start).isComplete)
        let late = topic.recover(since: position(2), limit: 100, now: start)
        #expect(!late.isComplete)
        #expect(late.publications.map(\.offset) == [4, 5])
    }

    @Test func `history is trimmed by bytes`() {
        let size = publication(1).size
        let topic = filled(5, TopicClass(historyBytes: 3 * size))
        #expect(topic.historyCount == 3)
        #expect(topic.bytes == 3 * size)
        #expect(filled(5, TopicClass(historyBytes: size - 1)).historyCount == 0)
    }

    @Test func `history is trimmed by age, already when it is read`() {
        var topic = topic(TopicClass(historyAge: .seconds(10)))
        for second in 0..<5 { _ = topic.publish(.sample(second), now: start + .seconds(second)) }
        let recovery = topic.recover(since: position(0), limit: 100, now: start + .seconds(12))
        #expect(recovery.publications.map(\.offset) == [4, 5])
        #expect(!recovery.isComplete)
        #expect(topic.historyCount == 5)
        topic.trim(now: start + .seconds(12))
        #expect(topic.historyCount == 2)
        topic.trim(now: start + .seconds(14))
        #expect(topic.isIdle && topic.bytes == 0)
        #expect(topic.recover(since: position(5), limit: 100, now: start + .seconds(99)).isComplete)
    }

    @Test func `a topic without history still numbers`() {
        let topic = filled(5, TopicClass(historyCount: 0))
        #expect(topic.isIdle && topic.position == position(5))
        #expect(!topic.recover(since: position(4), limit: 100, now: start).isComplete)
        #expect(topic.recover(since: position(5), limit: 100, now: start).isComplete)
    }

    @Test func `the state holds the newest publication of each key in order of change`() {
        var topic = topic(TopicClass(historyCount: 0, keepsState: true))
        for (number, key) in ["a", "b", "c", "a"].enumerated() {
            _ = topic.publish(.sample(number, stateKey: key), now: start)
        }
        _ = topic.publish(.sample(stateKey: "b", removes: true), now: start)
        _ = topic.publish(.sample(), now: start)
        let snapshot = topic.snapshot()
        #expect(snapshot.position == position(6))
        #expect(snapshot.entries.map(\.stateKey) == ["c", "a"])
        #expect(snapshot.entries.map(\.offset) == [3, 4])
        #expect(!topic.isIdle)
        for key in ["a", "c", "unknown"] { _ = topic.publish(.sample(stateKey: key, removes: true), now: start) }
        #expect(topic.isIdle && topic.bytes == 0)
    }

    @Test func `a full state takes changes but no more entries`() {
        var topic = topic(TopicClass(keepsState: true, stateEntries: 2))
        for key in ["a", "b"] { #expect(topic.publish(.sample(stateKey: key), now: start).publication != nil) }
        #expect(topic.publish(.sample(stateKey: "c"), now: start) == .stateFull(limit: .entries(2)))
        #expect(topic.position == position(2))
        #expect(topic.publish(.sample(9, stateKey: "a"), now: start).publication?.offset == 3)
        #expect(topic.publish(.sample(stateKey: "b", removes: true), now: start).publication?.offset == 4)
        #expect(topic.publish(.sample(stateKey: "c"), now: start).publication?.offset == 5)
    }

    @Test func `a state has no more bytes than it may`() {
        let size = publication(1, stateKey: "a").size
        var topic = topic(TopicClass(keepsState: true, stateBytes: 2 * size))
        for key in ["a", "b"] { #expect(topic.publish(.sample(stateKey: key), now: start).publication != nil) }
        #expect(topic.publish(.sample(stateKey: "c"), now: start) == .stateFull(limit: .bytes(2 * size)))
        #expect(topic.publish(.sample(10, stateKey: "a"), now: start) == .stateFull(limit: .bytes(2 * size)))
        #expect(topic.publish(.sample(2, stateKey: "a"), now: start).publication != nil)
    }

    @Test func `publications numbered elsewhere follow one another`() {
        var topic = topic(TopicClass(keepsState: true))
        #expect(topic.apply(publication(1), epoch: "epoch-01", now: start) == .applied)
        #expect(topic.apply(publication(1), epoch: "epoch-01", now: start) == .duplicate)
        #expect(topic.apply(publication(4), epoch: "epoch-01", now: start) == .gap(from: 2))
        #expect(topic.apply(publication(.max), epoch: "epoch-01", now: start) == .gap(from: 2))
        #expect(topic.apply(publication(2), epoch: "other", now: start) == .newEpoch)
        #expect(topic.position == position(1))
        #expect(topic.apply(publication(2, stateKey: "k"), epoch: "epoch-01", now: start) == .applied)
        #expect(topic.snapshot().entries.map(\.offset) == [2])
        #expect(topic.recover(since: position(0), limit: 9, now: start).publications.map(\.offset) == [1, 2])
    }

    @Test func `a state numbered elsewhere stays within its limits`() {
        var topic = topic(TopicClass(keepsState: true, stateEntries: 2))
        for (index, key) in ["a", "b", "c"].enumerated() {
            let publication = publication(UInt64(index + 1), stateKey: key)
            #expect(topic.apply(publication, epoch: "epoch-01", now: start) == .applied)
        }
        #expect(topic.snapshot().entries.map(\.stateKey) == ["b", "c"])
    }

    @Test func `a topic goes on from another position`() {
        var topic = filled(5, TopicClass(keepsState: true))
        _ = topic.publish(.sample(key: "k"), now: start)
        let entries = [publication(90, stateKey: "x"), publication(80, stateKey: "y")]
        topic.restart(at: position(100, epoch: "new"), state: entries)
        #expect(topic.position == position(100, epoch: "new"))
        #expect(topic.historyCount == 0)
        #expect(topic.snapshot().entries.map(\.offset) == [80, 90])
        #expect(topic.apply(publication(101), epoch: "new", now: start) == .applied)
        #expect(!topic.recover(since: position(6), limit: 9, now: start).isComplete)
        #expect(topic.recover(since: position(100, epoch: "new"), limit: 9, now: start).isComplete)
        #expect(topic.publish(.sample(key: "k"), now: start) == .duplicate(of: position(6)))
    }

    @Test func `the largest offset does not overflow`() {
        var topic = topic()
        topic.restart(at: position(.max))
        #expect(topic.position.offset == Position.maximumOffset)
        #expect(topic.publish(.sample(), now: start).publication?.offset == Position.maximumOffset + 1)
    }

    @Test func `a small payload does not keep a large message alive`() throws {
        var message = ByteBuffer(string: "{\"n\":1}" + String(repeating: " ", count: 100_000))
        let slice = message.readSlice(length: 7)
        let data = try #require(slice)
        var topic = topic()
        let publication = topic.publish(Draft(type: "custom", data: data), now: start).publication
        #expect(publication?.data == data)
        #expect(try #require(publication?.data.storageCapacity) < 1000)
    }

    @Test func `drafts from outside are checked`() throws {
        try Draft.sample(key: "k", stateKey: String(repeating: "x", count: 255), removes: true).check()
        #expect(throws: DraftError.idempotencyKeyLength(0)) { try Draft.sample(key: "").check() }
        #expect(throws: DraftError.stateKeyLength(256)) {
            try Draft.sample(stateKey: String(repeating: "x", count: 256)).check()
        }
        #expect(throws: DraftError.removalWithoutKey) { try Draft.sample(removes: true).check() }
    }

    @Test func `epochs are random text`() {
        let epochs = Set((0..<100).map { _ in Position.randomEpoch() })
        #expect(epochs.count == 100 && epochs.allSatisfy { $0.utf8.count == 12 })
    }
}

import NIOCore
import TestRandom
import Testing

@testable import Events

@Suite struct TopicTableTests {
    let start = ContinuousClock.now

    private func at(_ seconds: Int) -> ContinuousClock.Instant { start + .seconds(seconds) }

    @Test func `topics come into being on first use, each with an epoch`() throws {
        var table = TopicTable()
        #expect(table["a"] == nil)
        let first = try table.publish(.sample(), to: "a", now: start).publication
        #expect(first?.offset == 1)
        _ = try table.publish(.sample(), to: "b", now: start)
        let epochs = [table["a"]?.position.epoch, table["b"]?.position.epoch]
        #expect(epochs[0] != nil && epochs[0] != epochs[1])
        #expect(table.statistics.topics == 2 && table.statistics.published == 2)
    }

    @Test func `reading creates no topic`() {
        let table = TopicTable()
        #expect(table.recover("a", since: nil, limit: 9, now: start) == nil)
        #expect(table.snapshot(of: "a") == nil)
        #expect(table.subscribers(of: "a") == 0)
        #expect(table.statistics.topics == 0)
    }

    @Test func `there are no more topics than there may be`() throws {
        var table = TopicTable(limits: TopicLimits(topics: 2))
        try table.retain("a", now: start)
        try table.retain("b", now: start)
        #expect(throws: TopicError.tooMany(limit: 2)) { try table.publish(.sample(), to: "c", now: start) }
        #expect(throws: TopicError.tooMany(limit: 2)) { try table.retain("c", now: start) }
        #expect(try table.publish(.sample(), to: "a", now: start).publication != nil)
        // Where room is scarce a topic to which nothing was published goes with its last subscriber.
        table.release("b", now: start)
        #expect(try table.publish(.sample(), to: "c", now: start).publication != nil)
    }

    @Test func `the first matching class holds`() throws {
        let classes = [
            TopicClass(pattern: .below("a"), historyCount: 1),
            TopicClass(pattern: .all, historyCount: 2),
        ]
        var table = TopicTable(classes: classes)
        for name in ["a/b", "c"] as [TopicName] {
            for number in 0..<5 { _ = try table.publish(.sample(number), to: name, now: start) }
        }
        #expect(table["a/b"]?.historyCount == 1)
        #expect(table["c"]?.historyCount == 2)
        #expect(table.topicClass(of: "a/x").historyCount == 1)
        #expect(TopicTable(classes: [classes[0]]).topicClass(of: "c") == TopicClass())
    }

    @Test func `a topic nobody uses is removed after its retention`() throws {
        var table = TopicTable(defaultClass: TopicClass(historyAge: .seconds(10), retention: .seconds(60)))
        _ = try table.publish(.sample(), to: "a", now: start)
        #expect(table.cleanup(now: at(59)).removed.isEmpty)
        #expect(table["a"]?.historyCount == 0)
        #expect(table["a"]?.position.offset == 1)
        #expect(table.cleanup(now: at(60)).removed == ["a"])
        #expect(table["a"] == nil)
        #expect(table.statistics.topics == 0)
    }

    @Test func `a topic with subscribers stays`() throws {
        var table = TopicTable(defaultClass: TopicClass(historyAge: .seconds(10), retention: .seconds(60)))
        let position = try table.retain("a", now: start)
        try table.retain("a", now: start)
        #expect(position.offset == 0 && position == table["a"]?.position)
        #expect(table.subscribers(of: "a") == 2)
        _ = try table.publish(.sample(), to: "a", now: start)
        table.release("a", now: at(1))
        #expect(table.cleanup(now: at(1000)).removed.isEmpty)
        table.release("a", now: at(1000))
        table.release("a", now: at(1000))
        #expect(table.subscribers(of: "a") == 0)
        #expect(table.cleanup(now: at(1059)).removed.isEmpty)
        #expect(table.cleanup(now: at(1060)).removed == ["a"])
    }

    @Test func `a topic with nothing published goes at once`() throws {
        var table = TopicTable()
        #expect(try table.topic(named: "a", now: start).position.offset == 0)
        #expect(table.cleanup(now: start).removed == ["a"])
    }

    @Test func `a durable topic is removed only when nothing is left of it`() throws {
        let durable = TopicClass(historyAge: .seconds(10), isDurable: true, keepsState: true, retention: .seconds(60))
        var table = TopicTable(defaultClass: durable)
        for (name, key) in [("a", nil), ("b", "k")] as [(TopicName, String?)] {
            _ = try table.publish(.sample(stateKey: key), to: name, now: start)
        }
        let aged = table.cleanup(now: at(20))
        #expect(aged.removed.isEmpty)
        #expect(Set(aged.releases.map(\.topic)) == ["a", "b"])
        #expect(aged.releases.allSatisfy { $0.position.offset == 1 && $0.keepsState && !$0.isRemoved })
        #expect(table.cleanup(now: at(30)).releases.isEmpty)
        let gone = table.cleanup(now: at(600))
        #expect(gone.removed == ["a"])
        #expect(gone.releases.map(\.isRemoved) == [true])
        #expect(table["b"]?.snapshot().entries.count == 1)
    }

    @Test func `topics whose names look alike do not get into each other's way`() throws {
        var table = TopicTable()
        // One character with its accents in any order; each is another name.
        for bits in 0..<1024 {
            let accents = (0..<10).map { bits >> $0 & 1 == 0 ? "\u{301}" : "\u{323}" }.joined()
            _ = try table.publish(.sample(bits), to: try TopicName("a" + accents), now: start)
        }
        #expect(table.statistics.topics == 1024)
        let hashes = Set(table.indices.keys.map(\.hashValue))
        #expect(hashes.count > 1000)
    }

    @Test func `cleaning up goes on where it stopped`() throws {
        var table = TopicTable(defaultClass: TopicClass(historyAge: .seconds(1), retention: .seconds(1)))
        var names: Set<TopicName> = []
        for number in 0..<10 {
            let name = try TopicName("t\(number)")
            _ = try table.publish(.sample(), to: name, now: start)
            if number % 3 == 0 { try table.retain(name, now: start) } else { names.insert(name) }
        }
        var removed: Set<TopicName> = []
        for _ in 0..<6 { removed.formUnion(table.cleanup(now: at(5), visiting: 3).removed) }
        #expect(removed == names)
        for number in 0..<10 {
            let name = try TopicName("t\(number)")
            #expect((table[name] != nil) == (number % 3 == 0))
            #expect(table.subscribers(of: name) == (number % 3 == 0 ? 1 : 0))
        }
        #expect(table.statistics.bytes == 0 && table.statistics.held == 0 && table.statistics.topics == 4)
    }

    @Test func `all topics together hold no more than they may`() throws {
        var table = TopicTable(limits: TopicLimits(historyBytes: 10_000))
        for number in 0..<500 {
            _ = try table.publish(.sample(number, key: "k\(number)"), to: TopicName("t\(number % 7)"), now: start)
            #expect(table.statistics.bytes <= 10_000)
        }
        #expect(table.statistics.published == 500)
        #expect(table.statistics.bytes > 5000)
    }

    @Test func `durable topics leave room for the others, and keep what they give up in the log`() throws {
        let durable = TopicClass(pattern: try TopicPattern("kept/*"), isDurable: true)
        var table = TopicTable(
            classes: [durable],
            limits: TopicLimits(historyBytes: 40_000, durableHistoryBytes: 10_000)
        )
        for number in 0..<20 { _ = try table.publish(.sample(number), to: "passing", now: start) }
        let passing = try #require(table["passing"]).historyCount
        for number in 0..<500 {
            _ = try table.publish(.sample(number), to: TopicName("kept/\(number % 3)"), now: start)
            #expect(table.statistics.durableHistoryBytes <= 10_000)
        }
        #expect(table.statistics.durableHistoryBytes > 5000)
        #expect(try #require(table["passing"]).historyCount == passing)
        // Nothing is released: count and age alone decide that.
        #expect(table.cleanup(now: start).releases.isEmpty)
        #expect(table.statistics.durableHistoryBytes < table.statistics.historyBytes)
    }

    @Test func `a state does not grow beyond the limit of all`() throws {
        var table = TopicTable(
            defaultClass: TopicClass(historyCount: 0, keepsState: true),
            limits: TopicLimits(historyBytes: 0, stateBytes: 1000)
        )
        var results: [PublishResult] = []
        for number in 0..<10 {
            results.append(try table.publish(.sample(number, stateKey: "k\(number)"), to: "t", now: start))
        }
        #expect(results.last == .stateFull(limit: .totalBytes(1000)))
        #expect(table.statistics.stateBytes <= 1000)
        #expect(try table.publish(.sample(1, stateKey: "k1"), to: "t", now: start).publication != nil)
        #expect(try table.publish(.sample(stateKey: "k2", removes: true), to: "t", now: start).publication != nil)
    }

    @Test func `the statistics agree with the topics`() throws {
        var random = SeededGenerator(seed: 7)
        var table = TopicTable(
            defaultClass: TopicClass(
                historyCount: 5,
                historyAge: .seconds(20),
                keepsState: true,
                retention: .seconds(30)
            )
        )
        let names = try (0..<12).map { try TopicName("t\($0)") }
        var watched: [TopicName: Int] = [:]
        var removed = 0
        for step in 0..<2000 {
            let name = names[Int.random(in: 0..<names.count, using: &random)]
            switch Int.random(in: 0..<6, using: &random) {
            case 0:
                try table.retain(name, now: at(step))
                watched[name, default: 0] += 1
            case 1:
                table.release(name, now: at(step))
                watched[name] = max(0, watched[name, default: 0] - 1)
            case 2: removed += table.cleanup(now: at(step), visiting: 5).removed.count
            default:
                let draft = Draft.sample(step, key: "i\(step)", stateKey: step % 2 == 0 ? "s\(step % 9)" : nil)
                _ = try table.publish(draft, to: name, now: at(step))
            }
            let topics = names.compactMap { table[$0] }
            #expect(table.statistics.topics == topics.count)
            #expect(table.statistics.bytes == topics.reduce(0) { $0 + $1.bytes })
            #expect(table.statistics.held == topics.reduce(0) { $0 + $1.historyCount })
            let durable = topics.filter(\.topicClass.isDurable)
            #expect(table.statistics.durableHistoryBytes == durable.reduce(0) { $0 + $1.historyBytes })
            for name in names { #expect(table.subscribers(of: name) == watched[name, default: 0]) }
        }
        #expect(removed > 0)
    }

    @Test func `publications numbered elsewhere are taken in and counted`() throws {
        var table = TopicTable()
        let publication = Publication(offset: 1, type: "custom", data: Draft.sample().data, timestamp: .now)
        let epoch = try table.topic(named: "a", now: start).position.epoch
        let result = try table.update("a", now: start) { $0.apply(publication, epoch: epoch, now: start) }
        #expect(result == .applied)
        #expect(table.statistics.held == 1 && table.statistics.bytes == publication.size)
        #expect(table.recover("a", since: nil, limit: 9, now: start)?.publications == [publication])
    }

    /// Publishes a message of about a kilobyte.
    private func publish(_ table: inout TopicTable, _ topic: String, by publisher: String?) throws {
        var draft = Draft.sample()
        draft.data = .init(repeating: UInt8(ascii: "x"), count: 1000)
        draft.publisher = publisher
        _ = try table.publish(draft, to: TopicName(topic), now: start)
    }

    @Test func `one publisher does not empty the histories of others`() throws {
        var table = TopicTable(limits: TopicLimits(historyBytes: 100_000))
        for number in 0..<10 { try publish(&table, "quiet/\(number % 2)", by: "quiet") }
        // Many small topics, and a large one.
        for number in 0..<2000 { try publish(&table, number % 2 == 0 ? "loud" : "loud/\(number % 100)", by: "loud") }
        #expect(table.statistics.historyBytes <= 100_000)
        #expect(table["quiet/0"]?.historyCount == 5 && table["quiet/1"]?.historyCount == 5)
        // What was published last is there.
        #expect(table["loud"]?.recover(since: nil, limit: 1, now: start).publications.first?.offset == 1000)
    }

    @Test func `without names the largest topic gives way first`() throws {
        var table = TopicTable(limits: TopicLimits(historyBytes: 100_000))
        for number in 0..<10 { try publish(&table, "quiet/\(number % 2)", by: nil) }
        for _ in 0..<500 { try publish(&table, "loud", by: nil) }
        #expect(table.statistics.historyBytes <= 100_000)
        #expect(table["quiet/0"]?.historyCount == 5 && table["quiet/1"]?.historyCount == 5)
        #expect(table["loud"].map { $0.historyCount > 40 } == true)
    }

    @Test func `a publisher has no more than its part, whatever room there is`() throws {
        var table = TopicTable(
            defaultClass: TopicClass(keepsState: true),
            limits: TopicLimits(historyBytesPerPublisher: 20_000, stateBytesPerPublisher: 1000)
        )
        for number in 0..<200 {
            try publish(&table, "a/\(number % 7)", by: "a")
            #expect(table.statistics.historyBytes <= 20_000)
        }
        #expect(table.statistics.historyBytes > 10_000)
        for number in 0..<200 { try publish(&table, "b/\(number % 7)", by: nil) }
        #expect(table.statistics.historyBytes > 100_000)
        // Its states as well.
        var results: [PublishResult] = []
        for number in 0..<10 {
            var draft = Draft.sample(number, stateKey: "k\(number)")
            draft.publisher = "a"
            results.append(try table.publish(draft, to: "a/0", now: start))
        }
        #expect(results.last == .stateFull(limit: .publisherBytes(1000)))
        #expect(try table.publish(.sample(stateKey: "k"), to: "b/0", now: start).publication != nil)
    }

    @Test func `a topic counts for whoever published to it last, and for nobody when it is gone`() throws {
        var table = TopicTable(defaultClass: TopicClass(historyAge: .seconds(1), retention: .seconds(1)))
        try publish(&table, "t", by: "a")
        let (a, b) = (table.accounts.number(of: "a"), table.accounts.number(of: "b"))
        table.accounts.open(b)
        #expect(table.accounts[a].historyBytes == table.statistics.historyBytes)
        try publish(&table, "t", by: "b")
        #expect(table.accounts[a].historyBytes == 0)
        #expect(table.accounts[b].historyBytes == table.statistics.historyBytes)
        #expect(table.cleanup(now: at(10)).removed == ["t"])
        #expect(table.accounts[b].historyBytes == 0 && table.statistics.historyBytes == 0)
    }

    @Test func `of a durable topic memory lets go without the log being told`() throws {
        let durable = TopicClass(pattern: .below("kept"), historyCount: 50, historyAge: .seconds(100), isDurable: true)
        var table = TopicTable(classes: [durable], limits: TopicLimits(historyBytes: 20_000))
        for _ in 0..<20 { try publish(&table, "kept/a", by: "a") }
        for _ in 0..<200 { try publish(&table, "other", by: "b") }
        for _ in 0..<10 { try publish(&table, "kept/a", by: "a") }
        let topic = try #require(table["kept/a"])
        #expect(topic.historyCount < 30 && topic.releasedOffset == 0)
        #expect(table.cleanup(now: at(50)).releases.isEmpty)
        // Count and age count, and nothing else.
        for _ in 0..<30 { try publish(&table, "kept/a", by: "a") }
        #expect(table.cleanup(now: at(60)).releases.map(\.position.offset) == [10])
        #expect(table.cleanup(now: at(101)).releases.map(\.position.offset) == [60])
        #expect(table["kept/a"]?.isIdle == true)
    }

    @Test func `the keys of a durable topic are kept, or what has one is refused`() throws {
        var table = TopicTable(
            defaultClass: TopicClass(historyCount: 10, isDurable: true),
            limits: TopicLimits(historyBytes: 0, stateBytes: 1000)
        )
        var published: [String] = []
        for number in 0..<20 {
            let result = try table.publish(.sample(number, key: "k\(number)"), to: "t", now: start)
            if result.publication != nil {
                published.append("k\(number)")
            } else {
                #expect(result == .stateFull(limit: .totalBytes(1000)))
            }
        }
        #expect((1..<20).contains(published.count))
        for key in published {
            #expect(try table.publish(.sample(key: key), to: "t", now: start).publication == nil)
        }
        #expect(try table.publish(.sample(), to: "t", now: start).publication != nil)
    }
}

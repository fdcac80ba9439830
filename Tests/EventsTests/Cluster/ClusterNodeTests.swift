import NIOCore
import Redis
import TestRedis
import Testing

@testable import Events

@Suite(
    .serialized,
    .enabled(if: RedisServer.isAvailable, Comment(rawValue: RedisServer.reason)),
    .timeLimit(.minutes(2))
)
struct ClusterNodeTests {
    private func pair(
        _ server: RedisServer,
        configure: (inout ClusterConfiguration) -> Void = { _ in }
    ) throws -> (TestNode, TestNode) {
        (try TestNode(server, id: "a", configure: configure), try TestNode(server, id: "b", configure: configure))
    }

    @Test func `both nodes deliver what either publishes, in one order`() async throws {
        let server = try RedisServer()
        let (a, b) = try pair(server)
        try await withNodes([a, b]) {
            await a.member.connected()
            await b.member.connected()
            try await withThrowingTaskGroup { group in
                for publisher in 0..<8 {
                    let node = publisher.isMultiple(of: 2) ? a : b
                    group.addTask {
                        for number in 0..<250 {
                            try await node.publish(draft("\(publisher) \(number)"), to: "t\(number % 3)")
                        }
                    }
                }
                try await group.waitForAll()
            }
            await a.member.delivered.wait(forCount: 2_000)
            await b.member.delivered.wait(forCount: 2_000)
            for topic in ["t0", "t1", "t2"] {
                let here = a.member.delivered.elements.filter { $0.topic == topic }
                #expect(here == b.member.delivered.elements.filter { $0.topic == topic })
                #expect(here.map(\.position.offset) == Array(1...UInt64(here.count)))
                #expect(Set(here.map(\.position.epoch)).count == 1)
                for publisher in 0..<8 {
                    let numbers = here.map(\.text).filter { $0.hasPrefix("\(publisher) ") }
                        .compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }
                    #expect(numbers == numbers.sorted())
                }
            }
            #expect(Set(a.member.delivered.elements.map(\.text)).count == 2_000)
        }
    }

    @Test func `an acknowledged position is that of the delivery, and repetitions are recognised on any node`()
        async throws
    {
        let server = try RedisServer()
        let (a, b) = try pair(server)
        try await withNodes([a, b]) {
            await a.member.connected()
            await b.member.connected()
            let receipt = try await a.publish(draft("one", key: "k"), to: "t")
            let again = try await b.publish(draft("one", key: "k"), to: "t")
            guard case .published(let position) = receipt else {
                Issue.record("\(receipt)")
                return
            }
            #expect(again == .duplicate(of: position))
            try await b.publish(draft("two"), to: "t")
            let delivered = await a.member.delivered.wait(forCount: 2)
            #expect(delivered.map(\.text) == ["one", "two"])
            #expect(delivered.first?.position == position)
        }
    }

    @Test func `a node that joins later loads history and state, and its limits hold`() async throws {
        let server = try RedisServer()
        let (a, b) = try pair(server)
        try await withNodes([a]) {
            await a.member.connected()
            var small = a.member.topicClass
            small.stateEntries = 2
            for number in 0..<20 {
                let stateKey = number < 3 ? "k\(number % 2)" : nil
                _ = try await a.node.publish(draft("\(number)", stateKey: stateKey), to: name("t"), class: small)
            }
            let third = try await a.node.publish(draft("x", stateKey: "k3"), to: name("t"), class: small)
            #expect(third == .stateFull(limit: .entries(2)))
            try await a.publish(draft("gone", stateKey: "k1", isRemoval: true), to: "t")
            try await withNodes([b]) {
                await b.member.connected()
                await b.node.open(name("t"))
                let topic = try #require(b.member.topic(name("t")))
                #expect(topic.position.offset == 21)
                #expect(topic.historyCount == 21)
                #expect(topic.snapshot().entries.map { String(buffer: $0.data) } == ["2"])
                #expect(b.member.delivered.elements.isEmpty)
                let missed = topic.recover(
                    since: Position(epoch: topic.position.epoch, offset: 19),
                    limit: 10,
                    now: .now
                )
                #expect(missed.isComplete && missed.publications.map(\.offset) == [20, 21])
                try await a.publish(draft("next"), to: "t")
                #expect(await b.member.delivered.wait(forCount: 1).map(\.text) == ["next"])
                await b.node.open(name("unknown"))
                #expect(b.member.topic(name("unknown")) == nil)
            }
        }
    }

    @Test func `what is published while a topic is opened is delivered`() async throws {
        let server = try RedisServer()
        let (a, b) = try pair(server)
        let topics = (0..<300).map { "t\($0)" }
        try await withNodes([a]) {
            await a.member.connected()
            for topic in topics { try await a.publish(draft("before"), to: topic) }
            try await withNodes([b]) {
                await b.member.connected()
                for topic in topics {
                    // Who follows topics by pattern is there before the topic is opened for somebody else.
                    async let publishing = a.publish(draft("\(topic) meanwhile"), to: topic)
                    await b.node.open(name(topic))
                    _ = try await publishing
                }
                await b.member.delivered.wait(forCount: topics.count)
                #expect(b.member.delivered.elements.map(\.text) == topics.map { "\($0) meanwhile" })
            }
        }
    }

    @Test func `history keeps its limits in Redis`() async throws {
        let server = try RedisServer()
        let (a, b) = try pair(server)
        try await withNodes([a]) {
            await a.member.connected()
            for number in 0..<30 {
                _ = try await a.node.publish(
                    draft("\(number)"),
                    to: name("t"),
                    class: TopicClass(historyCount: 10)
                )
                _ = try await a.node.publish(
                    draft(String(repeating: "x", count: 100)),
                    to: name("u"),
                    class: TopicClass(historyCount: 1_000, historyBytes: 1_000)
                )
            }
            try await withNodes([b]) {
                await b.member.connected()
                await b.node.open(name("t"))
                await b.node.open(name("u"))
                #expect(b.member.topic(name("t"))?.historyCount == 10)
                let kept = try #require(b.member.topic(name("u"))?.historyCount)
                #expect((5...9).contains(kept))
                #expect(b.member.topic(name("u"))?.position.offset == 30)
            }
        }
    }

    /// Publishes on both nodes from several tasks while the body disturbs Redis. Afterwards both nodes must have delivered
    /// everything that was acknowledged, once and in the order of each publisher.
    private func disturb(
        _ server: RedisServer,
        _ nodes: (TestNode, TestNode),
        _ body: @Sendable () async throws -> Void
    ) async throws {
        let (a, b) = nodes
        try await withNodes([a, b]) {
            await a.member.connected()
            await b.member.connected()
            for node in [a, b] { for topic in 0..<4 { await node.node.open(name("t\(topic)")) } }
            let ends = Recorder<Bool>()
            let counts = try await withThrowingTaskGroup(of: (Int, Int).self) { group in
                for publisher in 0..<4 {
                    let node = publisher.isMultiple(of: 2) ? a : b
                    group.addTask {
                        var number = 0
                        while ends.elements.isEmpty || number < 200 {
                            let receipt = try await node.publish(draft("\(publisher) \(number)"), to: "t\(publisher)")
                            guard case .published = receipt else { throw ClusterError.stopped }
                            number += 1
                            // About a thousand messages a second for each publisher.
                            try await Task.sleep(for: .milliseconds(1))
                        }
                        // What is published last arrives last.
                        try await node.publish(draft("end"), to: "t\(publisher)")
                        return (publisher, number)
                    }
                }
                try await body()
                ends.record(true)
                return try await group.reduce(into: [Int: Int]()) { $0[$1.0] = $1.1 }
            }
            for node in [a, b] {
                await node.member.delivered.wait { delivered in
                    delivered.last?.text == "end" && delivered.count { $0.text == "end" } == 4
                }
                for (publisher, count) in counts {
                    let texts = node.member.texts("t\(publisher)")
                    let expected = (0..<count).map { "\(publisher) \($0)" } + ["end"]
                    let missing = Set(expected).subtracting(texts).sorted()
                    #expect(missing.isEmpty, "\(publisher): \(missing.count) from \(missing.first ?? "") on")
                    #expect(texts.count == Set(texts).count)
                    #expect(texts.elementsEqual(expected) || !missing.isEmpty)
                }
            }
            for topic in 0..<4 {
                #expect(a.member.topic(name("t\(topic)"))?.position == b.member.topic(name("t\(topic)"))?.position)
            }
        }
    }

    @Test func `a restart of Redis loses, repeats and reorders nothing`() async throws {
        let server = try RedisServer()
        let nodes = try pair(server)
        try await disturb(server, nodes) {
            for round in 1...3 {
                await nodes.0.member.delivered.wait(forCount: 200 * round)
                server.stop()
                await nodes.0.member.degraded()
                await nodes.1.member.degraded()
                try server.start()
                await nodes.0.member.connected(times: round + 1)
                await nodes.1.member.connected(times: round + 1)
            }
        }
    }

    @Test func `a pause of Redis loses, repeats and reorders nothing`() async throws {
        let server = try RedisServer()
        let nodes = try pair(server) {
            $0.redis.commandTimeout = .milliseconds(500)
            $0.redis.pingTimeout = .milliseconds(500)
        }
        try await disturb(server, nodes) {
            for round in 1...2 {
                await nodes.0.member.delivered.wait(forCount: 200 * round)
                server.pause()
                await nodes.0.member.degraded()
                await nodes.1.member.degraded()
                server.resume()
                await nodes.0.member.connected(times: round + 1)
                await nodes.1.member.connected(times: round + 1)
            }
        }
    }

    @Test func `broken connections lose, repeat and reorder nothing`() async throws {
        let server = try RedisServer()
        let nodes = try pair(server)
        try await disturb(server, nodes) {
            for round in 1...6 {
                await nodes.0.member.delivered.wait(forCount: 150 * round)
                try server.administer("CLIENT", "KILL", "TYPE", round.isMultiple(of: 2) ? "pubsub" : "normal")
                if round == 3 { try server.administer("SCRIPT", "FLUSH") }
                await nodes.0.member.connected(times: round + 1)
                await nodes.1.member.connected(times: round + 1)
            }
            try server.administer("SCRIPT", "FLUSH")
        }
    }

    @Test func `alone a node delivers at once under an epoch of its own and drops the oldest of too many`() async throws
    {
        let server = try RedisServer()
        let (a, b) = try pair(server) { $0.backlogCount = 100 }
        try await withNodes([a, b]) {
            await a.member.connected()
            await b.member.connected()
            await b.node.open(name("t"))
            guard case .published(let before) = try await a.publish(draft("before"), to: "t") else {
                throw ClusterError.stopped
            }
            for node in [a, b] { await node.member.delivered.wait(forCount: 1) }
            server.stop()
            await a.member.degraded()
            await b.member.degraded()
            for number in 0..<250 {
                let receipt = try await a.publish(draft("\(number)", key: "k\(number)"), to: "t")
                guard case .published(let position) = receipt else { throw ClusterError.stopped }
                #expect(position.epoch != before.epoch)
                #expect(position.offset == UInt64(number + 1))
                #expect(try await a.publish(draft("\(number)", key: "k\(number)"), to: "t") == .duplicate(of: position))
            }
            #expect(a.member.texts("t").count == 251)
            guard case .degraded(_, let backlog, let dropped) = await a.node.health else { throw ClusterError.stopped }
            #expect(backlog == 100)
            #expect(dropped >= 150)
            try server.start()
            await b.member.delivered.wait { $0.last?.text == "249" }
            let arrived = b.member.texts("t").filter { $0 != "before" }
            #expect(arrived == (150..<250).map(String.init))
            try await b.publish(draft("after"), to: "t")
            await a.member.delivered.wait { $0.last?.text == "after" }
            #expect(a.member.texts("t") == ["before"] + (0..<250).map(String.init) + ["after"])
            #expect(await a.node.health == .connected)
        }
    }

    @Test func `a topic without a history loses nothing to a node that did not know it`() async throws {
        let server = try RedisServer()
        let (a, b) = try pair(server)
        try await withNodes([a, b]) {
            for node in [a, b] { await node.member.connected() }
            let brief = TopicClass(historyCount: 0)
            for number in 1...20 { try await a.node.publish(draft("\(number)"), to: name("t"), class: brief) }
            await b.member.delivered.wait { $0.last?.text == "20" }
            #expect(b.member.texts("t") == (1...20).map(String.init))
            // A node that comes later, and publishes at once.
            let late = try TestNode(server, id: "c")
            try await withNodes([late]) {
                await late.member.connected()
                for number in 21...40 { try await late.node.publish(draft("\(number)"), to: name("t"), class: brief) }
                for node in [a, b, late] { await node.member.delivered.wait { $0.last?.text == "40" } }
                #expect(b.member.texts("t") == (1...40).map(String.init))
                #expect(late.member.texts("t") == (21...40).map(String.init))
            }
        }
    }

    @Test func `when Redis has lost the latest messages another epoch begins`() async throws {
        let server = try RedisServer()
        let (a, b) = try pair(server)
        try await withNodes([a, b]) {
            for node in [a, b] { await node.member.connected() }
            for number in 1...3 { try await a.publish(draft("\(number)"), to: "t") }
            for node in [a, b] { await node.member.delivered.wait(forCount: 3) }
            let before = try #require(b.member.delivered.elements.last).position
            // As a replica that takes over without the last message.
            try server.administer("HSET", "antiphon:topic:t", "offset", "2")
            try server.administer("RPOP", "antiphon:history:t")
            try server.administer("CLIENT", "KILL", "TYPE", "normal")
            try server.administer("CLIENT", "KILL", "TYPE", "pubsub")
            for node in [a, b] { await node.member.connected(times: 2) }
            await b.node.open(name("t"))
            guard case .published(let after) = try await a.publish(draft("4"), to: "t") else {
                throw ClusterError.stopped
            }
            #expect(after.epoch != before.epoch)
            await b.member.delivered.wait { $0.last?.text == "4" }
            #expect(b.member.texts("t") == ["1", "2", "3", "4"])
        }
    }

    @Test func `members are seen on other nodes, and those of a node that is cut off disappear once`() async throws {
        let server = try RedisServer()
        let (a, b) = try pair(server)
        let c = try TestNode(server, id: "c")
        try await withNodes([a, c]) {
            await a.member.connected()
            await c.member.connected()
            let topic = name("room")
            a.node.join(Member(id: "anna", name: "Anna"), topic: topic)
            #expect(await c.member.presence.wait(forCount: 1) == [.joined(Member(id: "anna", name: "Anna", node: "a"))])
            try await withNodes([b]) {
                await b.member.connected()
                #expect(
                    await b.member.presence.wait(forCount: 1) == [.joined(Member(id: "anna", name: "Anna", node: "a"))]
                )
                b.node.join(Member(id: "bea"), topic: topic)
                b.node.join(Member(id: "bert"), topic: topic)
                b.node.leave("bea", topic: topic)
                await a.member.present { $0 == ["bert"] }
                await c.member.present { $0 == ["anna", "bert"] }
            }
            // Node b is gone without a word.
            await a.member.present { $0 == [] }
            await c.member.present { $0 == ["anna"] }
            a.node.leave("anna", topic: topic)
            await c.member.present { $0 == [] }
            let left = PresenceChange.left(Member(id: "bert", node: "b"))
            #expect(a.member.presence.elements.last == left)
            for node in [a, c] { #expect(node.member.presence.elements.count { $0 == left } == 1) }
        }
    }

    @Test func `presence returns with Redis`() async throws {
        let server = try RedisServer()
        let (a, b) = try pair(server)
        try await withNodes([a, b]) {
            await a.member.connected()
            await b.member.connected()
            let topic = name("room")
            for number in 0..<600 { a.node.join(Member(id: "m\(number)"), topic: topic) }
            await b.member.presence.wait(forCount: 600)
            server.stop()
            await a.member.degraded()
            a.node.leave("m0", topic: topic)
            a.node.join(Member(id: "new"), topic: topic)
            try server.start()
            let expected = Set((1..<600).map { "m\($0)" } + ["new"])
            let changes = await b.member.present { $0 == expected }
            #expect(changes.contains(.left(Member(id: "m0", node: "a"))))
        }
    }

    @Test func `who waits when a node stops is told`() async throws {
        let server = try RedisServer()
        let (a, _) = try pair(server) { $0.redis.commandTimeout = .seconds(30) }
        let told = Recorder<Bool>()
        try await withNodes([a]) {
            await a.member.connected()
            server.pause()
            a.node.publish(draft("x"), to: name("t"), class: a.member.topicClass) { _ in told.record(true) }
            a.node.join(Member(id: "m"), topic: name("t"))
        }
        server.resume()
        await told.wait(forCount: 1)
        await #expect(throws: ClusterError.stopped) { try await a.publish(draft("x"), to: "t") }
    }

    /// A payload of so many bytes that begins with a text.
    private func large(_ text: String, bytes: Int = 10_000, stateKey: String? = nil) -> Draft {
        draft(text + String(repeating: " ", count: bytes - text.utf8.count), stateKey: stateKey)
    }

    @Test func `a topic larger than a reply may be is fetched in pages, by a node that stays connected`() async throws {
        let server = try RedisServer()
        let a = try TestNode(server, id: "a")
        let b = try TestNode(server, id: "b") {
            $0.redis.limits = RESPLimits(bulkBytes: 64 << 10, replyBytes: 128 << 10)
            $0.pageBytes = 32 << 10
        }
        try await withNodes([a]) {
            await a.member.connected()
            for number in 1...100 {
                try await a.publish(large("\(number)", stateKey: number < 4 ? "k\(number)" : nil), to: "t")
            }
            try await withNodes([b]) {
                await b.member.connected()
                await b.node.open(name("t"))
                let topic = try #require(b.member.topic(name("t")))
                #expect(topic.historyCount == 100 && topic.snapshot().entries.map(\.offset) == [1, 2, 3])
                try await a.publish(large("next"), to: "t")
                #expect(await b.member.delivered.wait(forCount: 1).map(\.position.offset) == [101])
                #expect(b.member.health.elements == [.connected])
                // What no node could read is not told to any.
                await #expect(throws: ClusterError.tooLarge(limit: 61_440)) {
                    try await b.publish(large("", bytes: 65_000), to: "t")
                }
            }
        }
    }

    @Test func `what a node missed comes in pages too, and nothing twice`() async throws {
        let server = try RedisServer()
        let a = try TestNode(server, id: "a")
        let b = try TestNode(server, id: "b") {
            $0.redis.limits = RESPLimits(bulkBytes: 64 << 10, replyBytes: 128 << 10)
            $0.pageBytes = 32 << 10
        }
        try await withNodes([a, b]) {
            await a.member.connected()
            await b.member.connected()
            for number in 1...20 { try await a.publish(large("\(number)"), to: "t") }
            await b.member.delivered.wait(forCount: 20)
            for _ in 1...3 {
                try server.administer("CLIENT", "KILL", "TYPE", "pubsub")
                for _ in 1...40 { try await a.publish(large("more"), to: "t") }
            }
            let count = 140
            let here = await a.member.delivered.wait(forCount: count)
            let there = await b.member.delivered.wait(forCount: count)
            #expect(here.count == count && there.count == count)
        }
    }
}

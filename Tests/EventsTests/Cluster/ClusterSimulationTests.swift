import NIOCore
import Redis
import Testing
import TestRandom

@testable import Events

/// Two machines and a Redis, all of them values, in random order of events: each run is repeatable by its seed.
@Suite struct ClusterSimulationTests {
    @Test func `whatever happens to connections and data, each node gets everything once and in order`() {
        for seed in 1...400 {
            var simulation = Simulation(seed: UInt64(seed), losesData: !seed.isMultiple(of: 3))
            for _ in 0..<400 { simulation.step() }
            simulation.settle()
            for node in simulation.nodes.indices {
                for topic in Simulation.topics {
                    for publisher in ["a", "b"] {
                        let expected = simulation.published[topic, default: []].filter { $0.hasPrefix(publisher) }
                        let delivered = simulation.nodes[node].delivered[topic, default: []]
                            .filter { $0.hasPrefix(publisher) }
                        #expect(delivered == expected, "seed \(seed), node \(node), \(topic), publisher \(publisher)")
                    }
                }
            }
            #expect(simulation.breaches == 0, "seed \(seed)")
        }
    }
}

/// A Redis that carries out what the scripts do, as far as publications go.
private struct FakeRedis {
    struct Topic {
        var epoch: String
        var log: [ClusterPublication] = []
    }

    var generation = 1
    var topics: [TopicName: Topic] = [:]
    var sequences: [String: UInt64] = [:]

    mutating func loseData() {
        self = FakeRedis(generation: generation + 1)
    }
}

private struct Simulation {
    struct Node {
        let id: String
        var machine: ClusterMachine
        var isSubscribed = false
        var inbox: [ClusterMessage] = []
        /// Requests on their way, with the answers to those that have been carried out.
        var requests: [ClusterMachine.Request] = []
        var answers: [(inout ClusterMachine) -> Void] = []
        var greeting: Int?
        var counter = 0
        var positions: [TopicName: Position] = [:]
        var delivered: [TopicName: [String]] = [:]
    }

    static let topics = [name("t"), name("u")]

    private let now = ContinuousClock.now
    private let losesData: Bool
    private var random: SeededGenerator
    private var redis = FakeRedis()
    private var epochs = 0
    var nodes: [Node] = []
    var published: [TopicName: [String]] = [:]
    /// Deliveries that do not follow the last one.
    var breaches = 0

    init(seed: UInt64, losesData: Bool) {
        random = SeededGenerator(seed: seed)
        self.losesData = losesData
        for id in ["a", "b"] {
            let configuration = ClusterConfiguration(redis: RedisConfiguration(host: "h"), nodeID: id)
            nodes.append(Node(id: id, machine: ClusterMachine(configuration: configuration, now: now)))
        }
        // Both know the topics from the beginning.
        for index in nodes.indices {
            connect(index)
            greet(index)
            greet(index)
            for topic in Self.topics { change(index) { [now] in $0.open(topic, now: now) {} } }
            while work(index) {}
        }
    }

    mutating func step() {
        let index = Int.random(in: 0...1, using: &random)
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<25: publish(index)
        case 25..<45: send(index)
        case 45..<60: execute(index)
        case 60..<70: answer(index)
        case 70..<90: receive(index)
        case 90..<92: cut(index)
        case 92..<93:
            for index in nodes.indices { cut(index) }
            if losesData { redis.loseData() }
        case 93..<96: connect(index)
        default: greet(index)
        }
    }

    /// Lets everything come to rest.
    mutating func settle() {
        for index in nodes.indices {
            connect(index)
            while !nodes[index].machine.isConnected { greet(index) }
        }
        var isWorking = true
        while isWorking {
            isWorking = false
            for index in nodes.indices where work(index) { isWorking = true }
        }
    }

    private mutating func work(_ index: Int) -> Bool {
        send(index)
        let isWorking = !nodes[index].requests.isEmpty || !nodes[index].answers.isEmpty || !nodes[index].inbox.isEmpty
        while !nodes[index].requests.isEmpty { execute(index) }
        answer(index)
        while !nodes[index].inbox.isEmpty { receive(index) }
        return isWorking
    }

    private mutating func change(_ index: Int, _ body: (inout ClusterMachine) -> Void) {
        body(&nodes[index].machine)
        for action in nodes[index].machine.takeActions() {
            switch action {
            case .deliver(let publication, let epoch, let topic):
                follow(index, topic, epoch, publication.offset)
                nodes[index].delivered[topic, default: []].append(String(buffer: publication.data))
            case .absorb(let publication, let epoch, let topic): follow(index, topic, epoch, publication.offset)
            case .restart(let topic, let content): nodes[index].positions[topic] = content.position
            case .presence, .health, .complete, .opened: break
            }
        }
    }

    private mutating func follow(_ index: Int, _ topic: TopicName, _ epoch: String, _ offset: UInt64) {
        if nodes[index].positions[topic] != Position(epoch: epoch, offset: offset - 1) { breaches += 1 }
        nodes[index].positions[topic] = Position(epoch: epoch, offset: offset)
    }

    // MARK: Events

    private mutating func publish(_ index: Int) {
        guard let topic = Self.topics.randomElement(using: &random) else { return }
        nodes[index].counter += 1
        let text = "\(nodes[index].id)\(nodes[index].counter)"
        published[topic, default: []].append(text)
        change(index) { [now] in
            $0.publish(draft(text), to: topic, class: TopicClass(), now: now) { _ in }
        }
    }

    private mutating func send(_ index: Int) {
        guard nodes[index].requests.isEmpty, nodes[index].answers.isEmpty else { return }
        nodes[index].requests = nodes[index].machine.nextRequests(limit: Int.random(in: 1...8, using: &random))
    }

    /// Redis carries out one request of a node.
    private mutating func execute(_ index: Int) {
        guard !nodes[index].requests.isEmpty else { return }
        let now = now
        switch nodes[index].requests.removeFirst() {
        case .publish(let sequence, let previous, let entry):
            let outcome = carryOut(nodes[index].id, sequence, previous, entry)
            nodes[index].answers.append { $0.published(sequence, outcome: outcome, now: now) }
        case .fetch(let topic, let fetch):
            let content = content(of: topic, fetch, page: Int.random(in: 1...5, using: &random))
            nodes[index].answers.append { $0.fetched(topic, content, now: now) }
        case .load(let node): nodes[index].answers.append { $0.loaded(node, version: 0, members: [:]) }
        case .join, .leave, .register, .heartbeat: nodes[index].answers.append { _ in }
        }
    }

    private mutating func carryOut(
        _ node: String,
        _ sequence: UInt64,
        _ previous: UInt64?,
        _ entry: Outbox.Entry
    ) -> ClusterMachine.PublishOutcome {
        let last = redis.sequences[node] ?? 0
        if sequence <= last { return .repeated }
        // Now and then Redis is told to forget its scripts and does not carry out what comes then.
        if last < previous ?? 0 || Int.random(in: 0..<40, using: &random) == 0 { return .undone }
        redis.sequences[node] = sequence
        epochs += 1
        var topic = redis.topics[entry.topic] ?? FakeRedis.Topic(epoch: "R\(epochs)")
        let item = ClusterPublication(
            origin: Origin(node: node, sequence: sequence),
            publication: Publication(offset: UInt64(topic.log.count + 1), draft: entry.draft)
        )
        topic.log.append(item)
        redis.topics[entry.topic] = topic
        for other in nodes.indices where nodes[other].isSubscribed {
            nodes[other].inbox.append(.published(item, epoch: topic.epoch, topic: entry.topic))
        }
        return .published(Position(epoch: topic.epoch, offset: item.publication.offset))
    }

    private func content(of name: TopicName, _ fetch: TopicCursor.Fetch, page: Int) -> TopicCursor.Content? {
        guard let topic = redis.topics[name] else { return nil }
        let isSame = fetch.since?.epoch == topic.epoch
        let wanted = topic.log.prefix(fetch.last.map { Int($0) } ?? .max)
            .dropFirst(isSame ? Int(fetch.since?.offset ?? 0) : 0)
        return TopicCursor.Content(
            position: Position(epoch: topic.epoch, offset: UInt64(topic.log.count)),
            isComplete: isSame,
            history: Array(wanted.suffix(page)),
            state: [],
            hasMore: wanted.count > page
        )
    }

    private mutating func answer(_ index: Int) {
        // A batch is answered as a whole.
        guard nodes[index].requests.isEmpty else { return }
        let answers = nodes[index].answers
        nodes[index].answers = []
        for answer in answers { change(index, answer) }
    }

    private mutating func receive(_ index: Int) {
        guard !nodes[index].inbox.isEmpty else { return }
        let message = nodes[index].inbox.removeFirst()
        change(index) { [now] in $0.received(message, now: now) }
    }

    /// The connection of a node ends: some of what was on its way still arrives, the rest does not.
    private mutating func cut(_ index: Int) {
        guard nodes[index].isSubscribed else { return }
        for _ in 0..<Int.random(in: 0...8, using: &random) { execute(index) }
        for _ in 0..<Int.random(in: 0...8, using: &random) { receive(index) }
        nodes[index].requests = []
        nodes[index].answers = []
        nodes[index].inbox = []
        nodes[index].isSubscribed = false
        nodes[index].greeting = nil
        change(index) { [now] in $0.disconnected(now: now) }
    }

    private mutating func connect(_ index: Int) {
        nodes[index].isSubscribed = true
    }

    /// First Redis tells its generation, later the node takes note of it.
    private mutating func greet(_ index: Int) {
        guard nodes[index].isSubscribed, !nodes[index].machine.isConnected else { return }
        if let generation = nodes[index].greeting {
            nodes[index].greeting = nil
            change(index) { [now] in $0.connected(generation: "\(generation)", nodes: ["a", "b"], now: now) }
        } else {
            nodes[index].greeting = redis.generation
        }
    }
}

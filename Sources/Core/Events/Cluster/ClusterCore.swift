import Redis

/// The machine of a node with the member that it moves. Lives on one event loop.
final class ClusterCore {
    private(set) var machine: ClusterMachine
    private let member: any ClusterMember
    /// Whether there is a connection to Redis, greeted or not.
    var isLinked = false
    /// Whether requests are under way.
    private var isAsking = false
    /// Those who wait until Redis has been told everything.
    private var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
    private var lastWaiter = 0

    init(_ configuration: ClusterConfiguration, _ member: any ClusterMember) {
        machine = ClusterMachine(configuration: configuration, now: .now)
        self.member = member
    }

    /// Gives the machine an input and carries out what it decides.
    func change(_ body: (inout ClusterMachine) -> Void) {
        body(&machine)
        for action in machine.takeActions() {
            switch action {
            case .deliver(let publication, let epoch, let topic):
                member.deliver(publication, epoch: epoch, topic: topic)
            case .absorb(let publication, let epoch, let topic):
                member.absorb(publication, epoch: epoch, topic: topic)
            case .restart(let topic, let content): member.restart(topic, with: content)
            case .presence(let topic, let change): member.presenceChanged(topic, change: change)
            case .health(let health): member.healthChanged(health)
            case .complete(let completion, let result): completion(result)
            case .opened(let completion): completion()
            }
        }
        releaseWaiters()
    }

    /// What to ask of Redis next.
    func nextRequests(limit: Int) -> [ClusterMachine.Request] {
        let requests = machine.nextRequests(limit: limit)
        isAsking = !requests.isEmpty
        releaseWaiters()
        return requests
    }

    /// Resumes `continuation` when Redis has been told everything, or cannot be told. Returns its number.
    func wait(_ continuation: CheckedContinuation<Void, Never>) -> Int {
        lastWaiter += 1
        waiters[lastWaiter] = continuation
        releaseWaiters()
        return lastWaiter
    }

    /// Resumes one that has waited long enough.
    func giveUp(_ waiter: Int) {
        waiters.removeValue(forKey: waiter)?.resume()
    }

    private func releaseWaiters() {
        guard !waiters.isEmpty, machine.isQuiet, !isAsking || !machine.isConnected else { return }
        for waiter in waiters.values { waiter.resume() }
        waiters = [:]
    }

    /// Takes the replies to requests, each with so many; false when Redis has forgotten the scripts.
    func take(
        _ replies: [RESPValue],
        to requests: some Sequence<(ClusterMachine.Request, Int)>,
        link: Int
    ) -> Result<Bool, RedisError> {
        // What came too late was dealt with when the connection was lost.
        guard link == machine.link else { return .success(true) }
        var rest = replies[...]
        var knowsScripts = true
        for (request, count) in requests {
            let own = rest.prefix(count)
            rest = rest.dropFirst(count)
            for case .error(let message) in own {
                guard message.hasPrefix("NOSCRIPT") else { return .failure(.server(message)) }
                knowsScripts = false
            }
            guard let reply = own.first, take(reply, to: request) else {
                return .failure(.badReply("Redis answered the cluster with something else than expected."))
            }
        }
        return .success(knowsScripts)
    }

    private func take(_ reply: RESPValue, to request: ClusterMachine.Request) -> Bool {
        var isForgotten = false
        if case .error = reply { isForgotten = true }
        switch request {
        case .publish(let sequence, _, let entry):
            guard let outcome = isForgotten ? .undone : ClusterCommands.outcome(reply, of: entry) else { return false }
            change { $0.published(sequence, outcome: outcome, now: .now) }
        case .fetch(let topic, _):
            if isForgotten {
                change { $0.fetchUndone(topic) }
            } else {
                guard let content = ClusterCommands.content(reply) else { return false }
                change { $0.fetched(topic, content, now: .now) }
            }
        case .load(let node):
            guard let (version, members) = ClusterCommands.members(reply, of: node) else { return false }
            change { $0.loaded(node, version: version, members: members) }
        case .join, .leave:
            if isForgotten { change { $0.presenceUndone() } }
        case .register, .heartbeat: break
        }
        return true
    }
}

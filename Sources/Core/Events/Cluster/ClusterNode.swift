public import Logging
public import NIOCore
import Redis
import Synchronization

/// Joins this node with others over a Redis server into one: what is published on one reaches the subscribers of all.
///
/// Redis numbers the publications of a topic, keeps its history and state, and passes each publication to all nodes, the
/// publishing one included, in one step. While Redis is away the node goes on alone and numbers by itself, under epochs
/// of its own; afterwards the other nodes get what they missed of it, and it of them.
public final class ClusterNode: Sendable {
    /// What the machine decides is carried out on this loop.
    let loop: any EventLoop
    private let core: NIOLoopBoundBox<ClusterCore>
    private let client: RedisClient
    private let configuration: ClusterConfiguration
    private let logger: Logger
    private let hasBegun = Atomic(false)
    private let wakes: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation

    /// Requests that are sent to Redis together.
    private static let batch = 256

    /// A node, which connects when ``run()`` is called. It lives on one loop of the group.
    public init(
        configuration: ClusterConfiguration,
        member: any ClusterMember,
        eventLoopGroup: any EventLoopGroup,
        logger: Logger
    ) {
        let loop = eventLoopGroup.next()
        let core = NIOLoopBoundBox.makeBoxSendingValue(ClusterCore(configuration, member), eventLoop: loop)
        self.configuration = configuration
        self.core = core
        self.loop = loop
        self.logger = logger
        (wakes, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        client = RedisClient(
            configuration: configuration.redis,
            eventLoopGroup: loop,
            logger: logger,
            onMessage: { [wake] _, payload in
                // The client lives on the same loop.
                guard let message = ClusterMessage(payload) else { return }
                core.value.change { $0.received(message, now: .now) }
                wake.yield()
            },
            onStateChange: { [wake] state in
                loop.execute {
                    core.value.isLinked = state == .connected
                    if state != .connected { core.value.change { $0.disconnected(now: .now) } }
                    wake.yield()
                }
            }
        )
    }

    // MARK: Running

    /// Keeps the node in the cluster until the task is cancelled. To be called once: a second call says so in the log and
    /// returns.
    public func run() async {
        guard !hasBegun.exchange(true, ordering: .relaxed) else {
            logger.error("a node of a cluster is run once; this call does nothing")
            return
        }
        await withTaskCancellationHandler {
            await withTaskGroup { group in
                group.addTask { [client, configuration] in
                    _ = try? await client.subscribe(ClusterCommands.channel(configuration))
                    await client.run()
                }
                group.addTask { await self.beat() }
                await talk()
                group.cancelAll()
            }
        } onCancel: {
            // Before the connection ends, or what waits would be published on this node alone.
            loop.execute { [core, logger] in
                core.value.change { machine in
                    let lost = machine.stop()
                    guard lost > 0 else { return }
                    logger.warning("other nodes never get what waited for Redis", metadata: ["messages": "\(lost)"])
                }
            }
        }
    }

    /// Takes nothing more that is published; what was taken goes on.
    public func close() {
        loop.execute { [core] in core.value.change { $0.close() } }
    }

    /// Returns when Redis has been told everything that there was to tell, or cannot be told; at the latest after `limit`.
    public func flush(within limit: TimeAmount) async {
        await withCheckedContinuation { continuation in
            loop.execute { [core, loop, wake] in
                let waiter = core.value.wait(continuation)
                loop.assumeIsolated().scheduleTask(in: limit) { core.value.giveUp(waiter) }
                wake.yield()
            }
        }
    }

    private func beat() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: configuration.heartbeatInterval)
            await change { $0.heartbeat() }
            wake.yield()
        }
    }

    /// Carries out what is asked of Redis, one batch after the other.
    private func talk() async {
        var joined: (session: RedisSession, commands: ClusterCommands)?
        for await _ in wakes {
            do {
                while !Task.isCancelled {
                    let (state, requests) = await onLoop { core in
                        let state = (
                            isLinked: core.isLinked, isJoined: core.machine.isConnected, link: core.machine.link
                        )
                        return (state, core.nextRequests(limit: Self.batch))
                    }
                    guard state.isLinked else { break }
                    guard let (session, commands) = joined, state.isJoined else {
                        joined = try await greet()
                        continue
                    }
                    guard !requests.isEmpty else { break }
                    if try await !carryOut(requests, session, commands, link: state.link) {
                        joined = (session, try await teach(session))
                    }
                }
            } catch {
                logger.warning("the cluster goes without Redis", metadata: ["reason": "\(error)"])
                joined?.session.close()
                joined = nil
                await change { $0.disconnected(now: .now) }
            }
        }
    }

    /// Hands the scripts to Redis.
    private func teach(_ session: RedisSession) async throws(RedisError) -> ClusterCommands {
        var digests: [RedisScript: String] = [:]
        for script in ClusterScripts.all { digests[script] = try await session.load(script) }
        return ClusterCommands(configuration: configuration, digests: digests)
    }

    /// Begins a connection: teaches the scripts and asks who is there.
    private func greet() async throws(RedisError) -> (RedisSession, ClusterCommands) {
        guard let session = client.session else { throw .notConnected }
        do {
            let commands = try await teach(session)
            let replies = try await session.pipeline(commands.greeting)
            let (generation, nodes) = try ClusterCommands.greeted(replies)
            await onLoop { [client] core in
                // What was learnt from an earlier connection may not hold.
                guard core.isLinked, client.session?.id == session.id else { return }
                core.change { $0.connected(generation: generation, nodes: nodes, now: .now) }
            }
            return (session, commands)
        } catch {
            session.close()
            throw error
        }
    }

    /// Sends a batch and hands the replies to the machine; false when Redis has forgotten the scripts.
    private func carryOut(
        _ requests: [ClusterMachine.Request],
        _ session: RedisSession,
        _ commands: ClusterCommands,
        link: Int
    ) async throws(RedisError) -> Bool {
        let groups = requests.map(commands.commands)
        let replies = try await session.pipeline(groups.flatMap { $0 })
        // What was published before Redis told of a topic has to be here, or it would count as history and subscribers by
        // pattern would miss it.
        if requests.contains(where: \.isFetch) { try await session.catchUp() }
        let result = await onLoop { core in
            core.take(replies, to: zip(requests, groups.map(\.count)), link: link)
        }
        return try result.get()
    }

    // MARK: The owner

    /// Publishes a draft from anywhere and calls `completion`, on any thread, when it is numbered: by Redis, or by this
    /// node alone while Redis is away. Drafts published one after the other keep their order.
    public func publish(
        _ draft: Draft,
        to topic: TopicName,
        class topicClass: TopicClass,
        completion: @escaping @Sendable (Result<ClusterReceipt, ClusterError>) -> Void
    ) {
        loop.execute { [core, wake] in
            core.value.change { machine in
                machine.publish(draft, to: topic, class: topicClass, now: .now, completion: completion)
            }
            wake.yield()
        }
    }

    /// Publishes a draft and returns when it is numbered. Throws ``ClusterError``.
    @discardableResult
    public func publish(
        _ draft: Draft,
        to topic: TopicName,
        class topicClass: TopicClass
    ) async throws(ClusterError) -> ClusterReceipt {
        let result = await withCheckedContinuation { continuation in
            publish(draft, to: topic, class: topicClass) { continuation.resume(returning: $0) }
        }
        return try result.get()
    }

    /// Returns when the member has been handed what Redis holds of a topic; at once when it has, or when Redis is away.
    public func open(_ topic: TopicName) async {
        await withCheckedContinuation { continuation in
            open(topic) { continuation.resume() }
        }
    }

    /// Calls `completion`, on the node's loop, when the member has been handed what Redis holds of a topic; at once when
    /// it has, or when Redis is away.
    public func open(_ topic: TopicName, completion: @escaping @Sendable () -> Void) {
        loop.execute { [core, wake] in
            core.value.change { $0.open(topic, now: .now, completion: completion) }
            wake.yield()
        }
    }

    /// Forgets a topic that nobody on this node needs any more.
    public func forget(_ topic: TopicName) {
        loop.execute { [core] in core.value.change { $0.forget(topic) } }
    }

    /// Tells the other nodes that a member came to a topic here.
    public func join(_ member: Member, topic: TopicName) {
        loop.execute { [core, wake] in
            core.value.change { $0.join(member, topic: topic) }
            wake.yield()
        }
    }

    /// Tells the other nodes that a member went from a topic here.
    public func leave(_ id: String, topic: TopicName) {
        loop.execute { [core, wake] in
            core.value.change { $0.leave(id, topic: topic) }
            wake.yield()
        }
    }

    /// How the node is.
    public var health: ClusterHealth { get async { await onLoop(\.machine.health) } }

    // MARK: The loop

    private func change(_ body: @escaping @Sendable (inout ClusterMachine) -> Void) async {
        await onLoop { $0.change(body) }
    }

    private func onLoop<Result: Sendable>(_ body: @escaping @Sendable (ClusterCore) -> Result) async -> Result {
        await withCheckedContinuation { continuation in
            loop.execute { [core] in continuation.resume(returning: body(core.value)) }
        }
    }
}

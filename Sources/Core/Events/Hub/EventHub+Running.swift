public import Logging
public import NIOCore
import Synchronization

/// The hub's own work: storing, handling what clients send, cleaning up.
extension EventHub {
    /// Calls `handler` for every message of this type that a client sends. Several handlers of a type are called one
    /// after the other, in the order of registration; what one throws is logged, and the next is called.
    public func register(_ type: EventType, handler: @escaping EventHandler) {
        handlers.register(handler, for: type)
    }

    /// Hands a message of a client to the handlers of its type. False if too many wait already.
    public func handle(_ type: String, from id: ConnectionID, _ message: ByteBuffer) -> Bool {
        handlers.submit(type, from: id, message)
    }

    /// Takes durable topics up where the last process left them. To be called once, before anybody publishes. Throws what
    /// reading the log throws.
    public func restore(logger: Logger) async throws {
        guard let durable else { return }
        for logged in try await durable.log.topics() {
            do {
                try await restore(logged, from: durable.log)
            } catch let error as TopicError {
                logger.warning("a durable topic is left out", metadata: ["reason": "\(error)"])
            }
        }
    }

    /// Takes a topic up a page at a time: the log may hold more than there is memory for.
    private func restore(_ logged: LoggedTopic, from log: any DurableLog) async throws {
        let last = logged.position.offset
        var next: UInt64 = 1
        var latest: ContinuousClock.Instant?
        while next <= last {
            let request = LogRequest(topic: logged.topic, epoch: logged.position.epoch, offsets: next...last)
            let page = try await log.read(request)
            guard let end = page.last?.publication.offset else { break }
            let before = latest
            latest = try state.withLock { state in
                try state.table.update(logged.topic, now: .now) { topic in
                    var latest = before
                    topic.resume(page, epoch: request.epoch, latest: &latest, now: .now)
                    return latest
                }
            }
            next = end + 1
        }
        try state.withLock { state in
            try state.table.update(logged.topic, now: .now) { $0.endResuming(at: logged.position, now: .now) }
        }
    }

    /// Does the hub's work until the task is cancelled: every `cleanupInterval` it drops what is too old and topics that
    /// nobody uses. What was taken for durable topics is stored before it returns. To be called once: a second call says so in
    /// the log and returns.
    public func run(cleanupInterval: Duration, logger: Logger) async {
        let isFirst = state.withLock { state in
            defer { state.hasBegun = true }
            return !state.hasBegun
        }
        guard isFirst else {
            logger.error("a hub is run once; this call does nothing")
            return
        }
        await withTaskGroup(of: Void.self) { group in
            // A store in progress must not be broken off with this task; the task ends by `stop`.
            let storing = durable.map { durable in Task { await durable.run(for: self, logger: logger) } }
            group.addTask { await self.handlers.run(logger: logger) }
            if let node { group.addTask { await node.run() } }
            group.addTask { await self.cleanUp(every: cleanupInterval, logger: logger) }
            await group.waitForAll()
            durable?.stop()
            await storing?.value
        }
        let readers = state.withLock { state in
            state.hasEnded = true
            return state.readers
        }
        for reader in readers { reader.finish() }
    }

    /// Takes nothing more that is published, and returns when what was taken is stored, told to the other nodes and on its
    /// way to all subscribers.
    public func close() async {
        state.withLock { $0.isClosed = true }
        await durable?.finish()
        node?.close()
        await informCluster()
        await deliverAll()
    }

    private func cleanUp(every interval: Duration, logger: Logger) async {
        // What the log was told in vain is told again, the newest of each topic.
        var releases: [TopicName: LogRelease] = [:]
        while (try? await Task.sleep(for: interval)) != nil {
            var visited = 0
            // In slices, so that publishers do not wait for all topics.
            while visited < state.withLock({ $0.table.statistics.topics }) {
                let cleanup = state.withLock { $0.table.cleanup(now: .now, visiting: 512) }
                visited += 512
                forget(cleanup.removed)
                for release in cleanup.releases { releases[release.topic] = release }
                guard let durable, !releases.isEmpty else { continue }
                do {
                    try await durable.log.trim(Array(releases.values))
                    releases = [:]
                } catch {
                    guard !Task.isCancelled else { return }
                    logger.warning("histories were not trimmed in their log", metadata: ["error": "\(error)"])
                }
            }
        }
    }

    /// The open connections that have entered.
    public var connectionCount: Int { fanout.reduce(0) { $0 + $1.population } }
}

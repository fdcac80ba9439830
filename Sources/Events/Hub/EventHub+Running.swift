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

    /// Takes durable topics up where the last process left them. To be called once, before anybody publishes.
    public func restore() async throws {
        guard let durable else { return }
        for logged in try await durable.log.load() {
            try state.withLock { state in
                try state.table.update(logged.topic, now: .now) { $0.resume(logged, now: .now) }
            }
        }
    }

    /// Does the hub's work until the task is cancelled: every `cleanupInterval` it drops what is too old and topics that
    /// nobody uses.
    public func run(cleanupInterval: Duration, logger: Logger) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.handlers.run(logger: logger) }
            if let durable {
                group.addTask { await durable.run(for: self) }
                group.addTask { await self.trimDurable(every: cleanupInterval, durable, logger: logger) }
            }
            group.addTask {
                while (try? await Task.sleep(for: cleanupInterval)) != nil {
                    self.state.withLock { _ = $0.table.cleanup(now: .now) }
                }
            }
            await group.waitForAll()
        }
    }

    private func trimDurable(every interval: Duration, _ durable: DurablePublisher, logger: Logger) async {
        while (try? await Task.sleep(for: interval)) != nil {
            let bounds = state.withLock { $0.table.releasedOffsets() }
            for (topic, offset) in bounds where offset > 0 {
                do {
                    try await durable.log.trim(topic, through: offset)
                } catch {
                    logger.warning("a topic's history was not trimmed", metadata: ["error": "\(error)"])
                }
            }
        }
    }

    /// A copy of a topic, which is made if there is none yet; nil if there are too many.
    func open(_ topic: TopicName, now: ContinuousClock.Instant) -> TopicState? {
        state.withLock { state in try? state.table.update(topic, now: now) { $0 } }
    }
}

extension EventHub {
    /// The open connections that have entered.
    public var connectionCount: Int { fanout.reduce(0) { $0 + $1.population } }

    /// Whether the hub is one with those of other nodes: `standalone`, `connected` or `degraded`.
    public var clusterState: String { "standalone" }
}

import Synchronization

/// What a subscriber missed and only a durable topic's log holds, to be sent before its subscription begins. The topic stays
/// as long as this does.
public final class StoredRecovery: Sendable {
    /// Why the rest of it cannot be had.
    public enum Failure: Error, Sendable, CustomStringConvertible {
        /// The history has let go of it meanwhile: the subscriber took too long.
        case gone
        /// The log could not be read; why stands in the server's log.
        case unreadable

        /// One sentence for people.
        public var description: String {
            switch self {
            case .gone: "What you missed has left the history meanwhile; come back and recover what there is."
            case .unreadable: "What you missed could not be read; come back and try again."
            }
        }
    }

    /// Where the topic stood when this was made.
    public let position: Position
    /// Whether everything after the asked position was there.
    public let isComplete: Bool
    /// The topic's keyed state at the position, if it was asked for.
    public let snapshot: StateSnapshot?
    private let topic: TopicName
    private let hub: EventHub
    private let state: Mutex<State>

    private struct State {
        /// The last offset that was given out, or that the subscriber had before.
        var offset: UInt64
        /// Whether the subscriber knows that messages are missing after it.
        var isGapKnown: Bool
    }

    /// The recovery of what comes after an offset. The topic must have been retained for it.
    init(
        of topic: TopicName,
        after offset: UInt64,
        position: Position,
        isComplete: Bool,
        snapshot: StateSnapshot?,
        hub: EventHub
    ) {
        self.topic = topic
        self.position = position
        self.isComplete = isComplete
        self.snapshot = snapshot
        self.hub = hub
        state = Mutex(State(offset: offset, isGapKnown: !isComplete))
    }

    deinit {
        hub.release(topic)
    }

    /// The position after what was given out: the subscription goes on from there.
    public var reached: Position { Position(epoch: position.epoch, offset: state.withLock(\.offset)) }

    /// Whether the subscriber knows that messages are missing right after `reached`.
    public var isGapKnown: Bool { state.withLock(\.isGapKnown) }

    /// The next messages, at most 1000 and about 1 MiB; nil when memory holds the rest. One at a time may ask. Throws
    /// `Failure`, or `CancellationError` when the task is cancelled.
    public func next() async throws -> [Publication]? {
        let (offset, isGapKnown) = state.withLock { ($0.offset, $0.isGapKnown) }
        guard let kept = hub.storedOffsets(of: topic, epoch: position.epoch, after: offset) else { throw Failure.gone }
        guard !kept.isEmpty else { return nil }
        let page: [Publication]
        do {
            page = try await hub.read(
                LogRequest(topic: topic, epoch: position.epoch, offsets: kept.lowerBound...(kept.upperBound - 1))
            )
        } catch {
            try Task.checkCancellation()
            throw Failure.unreadable
        }
        guard let first = page.first, let end = page.last?.offset, isGapKnown || first.offset == offset + 1 else {
            throw Failure.gone
        }
        state.withLock { $0 = State(offset: end, isGapKnown: false) }
        return page
    }
}

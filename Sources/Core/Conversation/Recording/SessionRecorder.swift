public import Audio
import Foundation
public import Logging
import Synchronization

/// Records one session: what the user said, what was answered, and what happened, without ever holding up the
/// conversation. What the disk does not take in time is left out, and the recording says so.
public final class SessionRecorder: Sendable {
    /// How much may wait for the disk.
    private static let backlogLimit = 8 * 1024 * 1024

    private struct State: ~Copyable {
        var writer: RecordingWriter?
        /// Why nothing more is written.
        var failure: String?
    }

    private let queue = DispatchQueue(label: "antiphon.recording")
    private let state: Mutex<State>
    /// Bytes that wait, and how many pieces of sound were left out since the last that was written.
    private let backlog = Mutex((bytes: 0, dropped: 0))
    private let start: ContinuousClock.Instant
    private let logger: Logger

    /// A recorder of the session that `header` names, in a folder of that name within `folder`, of at most `limit` for each
    /// side. Throws `RecordingError`.
    @concurrent public static func start(
        _ header: RecordingHeader,
        in folder: String,
        limit: Duration,
        logger: Logger
    ) async throws(RecordingError) -> SessionRecorder {
        let recorder = SessionRecorder(logger: logger)
        try await recorder.open(header, in: folder, limit: limit)
        return recorder
    }

    private init(logger: Logger) {
        state = Mutex(State())
        start = .now
        self.logger = logger
    }

    private func open(_ header: RecordingHeader, in folder: String, limit: Duration) async throws(RecordingError) {
        let result: Result<Void, RecordingError> = await withCheckedContinuation { continuation in
            queue.async {
                continuation.resume(
                    returning: Result { () throws(RecordingError) in
                        try self.state.withLock { state throws(RecordingError) in
                            state.writer = try RecordingWriter(header, in: folder, limit: limit)
                        }
                    }
                )
            }
        }
        try result.get()
    }

    /// The user said this.
    public func heard(_ sound: PCM) {
        write(sound.samples.count * MemoryLayout<Float>.size) { try $0.heard(sound) }
    }

    /// This piece of an answer was handed to the listener.
    public func spoke(_ sound: PCM) {
        write(sound.samples.count * MemoryLayout<Float>.size) { try $0.spoke(sound) }
    }

    /// This happened.
    public func happened(_ event: ConversationEvent) {
        let time = ContinuousClock.now - start
        let members = ConversationTopics.members(of: event.kind, number: event.number)
        write(members.utf8.count) { try $0.happened(members, at: time) }
    }

    /// Returns when the disk has everything.
    public func finish() async {
        await withCheckedContinuation { continuation in
            queue.async {
                self.run { try $0.finish() }
                self.state.withLock { $0.writer = nil }
                continuation.resume()
            }
        }
    }

    private func write(_ size: Int, _ work: @escaping @Sendable (RecordingWriter) throws -> Void) {
        let dropped: Int? = backlog.withLock { backlog in
            guard backlog.bytes + size <= Self.backlogLimit else {
                backlog.dropped += 1
                return nil
            }
            backlog.bytes += size
            defer { backlog.dropped = 0 }
            return backlog.dropped
        }
        guard let dropped else { return }
        let time = ContinuousClock.now - start
        queue.async {
            if dropped > 0 { self.run { try $0.happened("\"type\":\"lost\",\"pieces\":\(dropped)", at: time) } }
            self.run(work)
            self.backlog.withLock { $0.bytes -= size }
        }
    }

    /// Runs on the queue. After a failure nothing more is written.
    private func run(_ work: (RecordingWriter) throws -> Void) {
        state.withLock { state in
            guard state.failure == nil, let writer = state.writer else { return }
            do {
                try work(writer)
            } catch {
                state.failure = "\(error)"
                logger.warning("a recording ends early", metadata: ["reason": "\(error)"])
            }
        }
    }
}

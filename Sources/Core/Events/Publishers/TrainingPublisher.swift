import Synchronization

/// Tells a topic how trainings go.
///
/// The keyed state of the topic has the newest message of each training that runs, under its session, so that a dashboard
/// which joins late sees at once where they are, as long as there is room in it. Numbers that are not finite become null.
public final class TrainingPublisher: Sendable {
    private let hub: EventHub
    private let topic: TopicName
    private let running = Mutex(RunningTrainings())

    /// A publisher to a topic of `hub`.
    public init(_ hub: EventHub, topic: TopicName = .training) {
        self.hub = hub
        self.topic = topic
    }

    /// A training begins. `session` names it, in 1 to 255 bytes, and should be unique. Throws `PublishError`.
    @discardableResult
    public func started(
        _ session: String,
        parameters: JSONMembers = { _ in },
        estimatedDuration: Duration? = nil,
        modelType: String? = nil
    ) async throws(PublishError) -> Receipt {
        running.withLock { $0.start(session, now: .now) }
        return try await publish(.trainingStarted, of: session) { data in
            data.object("parameters", parameters)
            data.member("estimated_duration", orNull: estimatedDuration.map { $0 / .seconds(1) })
            data.member("model_type", modelType)
        }
    }

    /// A training has come so far: `progress` from 0 to 1, in the epoch with this number. The remaining time is added;
    /// -1 where nothing can be said about it. Throws `PublishError`.
    @discardableResult
    public func progress(
        _ session: String,
        _ progress: Double,
        epoch: Int,
        loss: Double?,
        metrics: JSONMembers = { _ in }
    ) async throws(PublishError) -> Receipt {
        let progress = progress.isFinite ? min(max(progress, 0), 1) : progress
        let remaining = running.withLock { $0.secondsRemaining(of: session, at: progress, now: .now) }
        return try await publish(.trainingProgress, of: session) { data in
            data.member("progress", progress)
            data.member("current_epoch", epoch)
            data.member("loss", orNull: loss)
            data.object("metrics", metrics)
            if let remaining {
                data.member("estimated_time_remaining", remaining)
            } else {
                data.member("estimated_time_remaining", -1)
            }
        }
    }

    /// A training is done; its model, if it was stored, is at `modelPath`. Throws `PublishError`.
    @discardableResult
    public func completed(
        _ session: String,
        results: JSONMembers = { _ in },
        modelPath: String? = nil,
        finalMetrics: JSONMembers = { _ in }
    ) async throws(PublishError) -> Receipt {
        running.withLock { $0.end(session) }
        return try await publish(.trainingCompleted, of: session, isLast: true) { data in
            data.object("results", results)
            data.member("model_path", modelPath)
            data.object("final_metrics", finalMetrics)
        }
    }

    /// A training failed: `message` says why, `traceback` where. Throws `PublishError`.
    @discardableResult
    public func failed(
        _ session: String,
        _ message: String,
        traceback: String? = nil
    ) async throws(PublishError) -> Receipt {
        running.withLock { $0.end(session) }
        return try await publish(.trainingError, of: session, isLast: true) { data in
            data.member("error", message)
            data.member("traceback", traceback)
        }
    }

    /// Publishes a message about a training; the last one takes it out of the topic's state.
    private func publish(
        _ type: EventType,
        of session: String,
        isLast: Bool = false,
        _ members: JSONMembers
    ) async throws(PublishError) -> Receipt {
        let data = JSONWriter.object { data in
            data.member("session_id", session)
            members(&data)
        }
        var draft = Draft(type: type.rawValue, data: data, stateKey: session, isRemoval: isLast)
        do {
            return try await hub.publish(draft, to: topic)
        } catch .stateFull {
            // Too many trainings were begun and never ended. Those who follow hear of this one all the same.
            draft.stateKey = nil
            return try await hub.publish(draft, to: topic)
        }
    }
}

extension JSONWriter {
    /// A member with a number; null when there is none or it is not finite.
    fileprivate mutating func member(_ key: String, orNull value: Double?) {
        member(key, value ?? .nan)
    }
}

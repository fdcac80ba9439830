/// Tells a topic of models that come, change and go. Numbers that are not finite become null.
public struct ModelPublisher: Sendable {
    private let hub: EventHub
    private let topic: TopicName

    /// A publisher to a topic of `hub`.
    public init(_ hub: EventHub, topic: TopicName = .models) {
        self.hub = hub
        self.topic = topic
    }

    /// There is a new model. Throws `PublishError`.
    @discardableResult
    public func created(_ model: String, info: JSONMembers = { _ in }) async throws(PublishError) -> Receipt {
        try await publish(.modelCreated, of: model, at: "created_at") { $0.object("model_info", info) }
    }

    /// A model has changed; `updates` is what is different now. Throws `PublishError`.
    @discardableResult
    public func updated(_ model: String, updates: JSONMembers) async throws(PublishError) -> Receipt {
        try await publish(.modelUpdated, of: model, at: "updated_at") { $0.object("updates", updates) }
    }

    /// A model is gone. Throws `PublishError`.
    @discardableResult
    public func deleted(_ model: String) async throws(PublishError) -> Receipt {
        try await publish(.modelDeleted, of: model, at: "deleted_at") { _ in }
    }

    private func publish(
        _ type: EventType,
        of model: String,
        at moment: String,
        _ members: JSONMembers
    ) async throws(PublishError) -> Receipt {
        let now = Timestamp.now
        let data = JSONWriter.object { data in
            data.member("model_id", model)
            members(&data)
            data.member(moment, now)
        }
        return try await hub.publish(Draft(type: type.rawValue, data: data, timestamp: now), to: topic)
    }
}

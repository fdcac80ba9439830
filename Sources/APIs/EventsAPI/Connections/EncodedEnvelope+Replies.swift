import Events
import NIOCore
import WebSocket

/// What the server says on its own or in reply.
extension EncodedEnvelope {
    /// The first message of a connection.
    static func welcome(_ id: ConnectionID) -> EncodedEnvelope {
        let now = Timestamp.now
        let data = JSONWriter.object { writer in
            writer.member("connection_id", id.description)
            writer.member("server_time", now)
            writer.member("features", features)
        }
        return Envelope.encode(type: EventType.connectionEstablished.rawValue, data: data, timestamp: now)
    }

    private static let features = [
        "real_time_training_updates", "model_lifecycle_events", "p2p_network_status", "fog_computing_metrics",
        "topic_subscriptions", "connection_health_monitoring",
    ]

    /// The server's sign of life, or its answer to a client's.
    static func signOfLife(_ type: EventType) -> EncodedEnvelope {
        let now = Timestamp.now
        let data = JSONWriter.object { $0.member("server_time", now) }
        return Envelope.encode(type: type.rawValue, data: data, timestamp: now)
    }

    static func pong() -> EncodedEnvelope { signOfLife(.pong) }

    /// Why the server closes the connection.
    static func goodbye(_ code: CloseCode, _ reason: String) -> EncodedEnvelope {
        Envelope.message(.connectionClosed) { writer in
            writer.member("code", code.rawValue)
            writer.member("reason", reason)
        }
    }

    static func mistake(_ mistake: ClientMistake) -> EncodedEnvelope {
        Envelope.message(.error) { writer in
            writer.member("error", mistake.message)
            if let code = mistake.code { writer.member("code", code) }
        }
    }

    static func subscription(
        _ word: String,
        _ topic: String,
        _ beginning: (position: Position?, isRecovered: Bool)? = nil
    ) -> EncodedEnvelope {
        Envelope.custom { writer in
            writer.member("type", word)
            writer.member("topic", topic)
            writer.member("success", true)
            guard let beginning else { return }
            if let position = beginning.position {
                writer.member("epoch", position.epoch)
                writer.member("offset", position.offset)
            }
            writer.member("recovered", beginning.isRecovered)
        }
    }

    static func published(_ topic: TopicName, _ receipt: Receipt) -> EncodedEnvelope {
        Envelope.custom { writer in
            writer.member("type", "publish_response")
            writer.member("topic", topic.text)
            writer.member("success", true)
            writer.member("epoch", receipt.position.epoch)
            writer.member("offset", receipt.position.offset)
            writer.member("targeted", receipt.targeted)
            writer.member("duplicate", receipt.isDuplicate)
        }
    }

    static func presence(_ topic: TopicName, _ members: [Member]) -> EncodedEnvelope {
        Envelope.custom { writer in
            writer.member("type", "presence_response")
            TopicViews.write(members, of: topic, to: &writer)
        }
    }

    static func history(_ topic: TopicName, _ recovery: Recovery?, since: Position?) -> EncodedEnvelope {
        Envelope.custom { writer in
            writer.member("type", "history_response")
            TopicViews.write(recovery, of: topic, since: since, to: &writer)
        }
    }

    static func snapshot(_ topic: TopicName, _ snapshot: StateSnapshot) -> EncodedEnvelope {
        Envelope.custom { writer in
            writer.member("type", "state_snapshot")
            TopicViews.write(snapshot, of: topic, to: &writer)
        }
    }
}

/// Replies without an envelope, for clients that say `channel`.
enum FlatReply {
    static func confirmation(_ type: String, channel: String) -> ByteBuffer {
        JSONWriter.object { writer in
            writer.member("type", type)
            writer.member("channel", channel)
        }
    }
}

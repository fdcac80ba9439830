/// What kind of message an event is: the `type` on the wire.
public struct EventType: RawRepresentable, Hashable, Sendable {
    /// The name on the wire.
    public let rawValue: String

    /// A type of any name; `known` has those of the wire.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// The first message on a connection.
    public static let connectionEstablished = EventType(rawValue: "connection_established")
    /// The last message before the server closes a connection.
    public static let connectionClosed = EventType(rawValue: "connection_closed")
    /// A sign of life that asks for one.
    public static let ping = EventType(rawValue: "ping")
    /// The answer to a ping.
    public static let pong = EventType(rawValue: "pong")
    /// A training began.
    public static let trainingStarted = EventType(rawValue: "training_started")
    /// A training went on.
    public static let trainingProgress = EventType(rawValue: "training_progress")
    /// A training is done.
    public static let trainingCompleted = EventType(rawValue: "training_completed")
    /// A training failed.
    public static let trainingError = EventType(rawValue: "training_error")
    /// There is a new model.
    public static let modelCreated = EventType(rawValue: "model_created")
    /// A model changed.
    public static let modelUpdated = EventType(rawValue: "model_updated")
    /// A model is gone.
    public static let modelDeleted = EventType(rawValue: "model_deleted")
    /// The state of a part of the system.
    public static let statusUpdate = EventType(rawValue: "status_update")
    /// Something went wrong.
    public static let error = EventType(rawValue: "error")
    /// The state of the peer-to-peer network.
    public static let p2pStatus = EventType(rawValue: "p2p_status")
    /// A peer came, went or changed.
    public static let p2pPeerUpdate = EventType(rawValue: "p2p_peer_update")
    /// Resources in the fog.
    public static let fogResources = EventType(rawValue: "fog_resources")
    /// Offers and demands in the fog.
    public static let fogMarketplace = EventType(rawValue: "fog_marketplace")
    /// Anything else; `data` says what.
    public static let custom = EventType(rawValue: "custom")

    /// The types that may stand on the wire.
    public static let known: Set<EventType> = [
        .connectionEstablished, .connectionClosed, .ping, .pong,
        .trainingStarted, .trainingProgress, .trainingCompleted, .trainingError,
        .modelCreated, .modelUpdated, .modelDeleted,
        .statusUpdate, .error,
        .p2pStatus, .p2pPeerUpdate, .fogResources, .fogMarketplace,
        .custom,
    ]
}

public import Conversation
public import Dialogue
public import Events
import Logging
public import Settings
public import Speech
public import Storage
public import Telemetry

/// What the APIs of one server work with, made once when it starts.
public struct ServerParts: Sendable {
    /// The speech engines.
    public let engines: SpeechEngines
    /// The voices on offer, looked up by name.
    public let voices: VoiceRegistry
    /// Who answers.
    public let responder: any Responder
    /// The settings; live ones may change at any time.
    public let settings: SettingsStore
    /// Where sessions, messages and turns are kept.
    public let sessions: SessionStore
    /// All conversations that go on.
    public let directory: SessionDirectory
    /// The metrics.
    public let metrics: PrometheusRegistry
    /// Whether the server takes requests, and since when.
    public let state: ServerState
    /// The room for uploads being received.
    public let uploads: ByteBudget
    /// The room for recordings that are decoded.
    public let recordings: RecordingRoom
    /// Where conversations can be followed; nil where nobody can.
    public let hub: EventHub?

    /// The parts of a server.
    public init(
        engines: SpeechEngines,
        voices: VoiceRegistry,
        responder: any Responder,
        settings: SettingsStore,
        sessions: SessionStore,
        metrics: PrometheusRegistry,
        state: ServerState,
        uploads: ByteBudget,
        recordings: RecordingRoom,
        hub: EventHub? = nil
    ) {
        self.engines = engines
        self.voices = voices
        self.responder = responder
        self.settings = settings
        self.sessions = sessions
        directory = SessionDirectory(
            limits: { SessionTable.Limits(settings.current) },
            store: sessions,
            logger: Logger(label: "antiphon.sessions")
        )
        self.metrics = metrics
        self.state = state
        self.uploads = uploads
        self.recordings = recordings
        self.hub = hub
    }
}

extension SessionTable.Limits {
    /// Those of the settings.
    fileprivate init(_ settings: Settings) {
        let keys = settings.conversation
        self.init(sessions: keys.maxSessions, idle: keys.idleTimeout, detached: keys.resumeTimeout)
    }
}

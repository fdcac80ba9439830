import Hummingbird
public import Serving
import Speech
public import WebSocket

/// Recognition, synthesis and spoken turns over plain HTTP, with what surrounds them: voices, settings and health.
///
/// Answers that are objects have their facts at the top and again, with more of them, under `data`; answers that are
/// lists are bare unless `?format=envelope` asks otherwise.
public struct SpeechAPI: Sendable {
    let parts: ServerParts
    let version: String
    let synthesizer: any SpeechSynthesizer
    let recognizer: any SpeechRecognizer
    let voiceActivity: any VoiceActivityEngine
    let health: EngineHealth
    let healthBody = HealthBody()
    let turnMetrics: TurnMetrics
    /// Where its WebSockets are; nil for an API without them.
    let sockets: WebSocketServer?

    /// The API of the server made of `parts`; `version` is that of the program. Its WebSockets belong to `sockets`; without
    /// one it has none.
    public init(parts: ServerParts, sockets: WebSocketServer? = nil, version: String) {
        let engines = parts.engines
        self.init(
            parts: parts,
            version: version,
            synthesizer: engines.synthesizer,
            recognizer: engines.recognizer,
            voiceActivity: engines.voiceActivity,
            health: EngineHealth { await EngineReport(engines) },
            sockets: sockets
        )
    }

    /// The API with engines other than those of `parts`.
    init(
        parts: ServerParts,
        version: String,
        synthesizer: any SpeechSynthesizer,
        recognizer: any SpeechRecognizer,
        voiceActivity: any VoiceActivityEngine,
        health: EngineHealth,
        sockets: WebSocketServer? = nil
    ) {
        self.parts = parts
        self.version = version
        self.synthesizer = synthesizer
        self.recognizer = recognizer
        self.voiceActivity = voiceActivity
        self.health = health
        turnMetrics = TurnMetrics(parts.metrics)
        self.sockets = sockets
    }

    /// Adds all routes of the API, among them a page at `/`.
    public func addRoutes(to routes: ListenerRoutes) {
        let speech = routes.needing(.speech)
        addHealthRoutes(to: routes)
        addVoiceRoutes(to: speech)
        addSynthesisRoutes(to: speech)
        addTranscriptionRoutes(to: speech)
        addConversationRoutes(to: speech)
        addSockets(to: speech)
        addSocketCompanions(to: routes)
        addConfigurationRoutes(to: routes.needing(.configuration))
        addSessionRoutes(to: routes.needing(.administration))
        addPages(to: routes.open)
    }
}

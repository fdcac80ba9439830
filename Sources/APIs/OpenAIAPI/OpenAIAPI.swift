import AsyncHTTPClient
import Hummingbird
public import Serving
import Speech

/// OpenAI's routes for speech, transcription, models and chat, for clients that were made for OpenAI.
///
/// Where OpenAI would refuse what an old or a plain client sends, and nothing is unclear about it, it is accepted: any
/// name of a model, a missing voice, options that have no meaning here.
public struct OpenAIAPI: Sendable {
    private let speech: SpeechRoute
    private let transcription: TranscriptionRoute
    private let models: ModelRoutes
    private let chat: ChatRoute

    /// The API of the server made of `parts`.
    public init(parts: ServerParts) {
        self.init(
            parts: parts,
            synthesizer: parts.engines.synthesizer,
            recognizer: parts.engines.recognizer,
            voiceActivity: parts.engines.voiceActivity,
            upstream: .forModelServer
        )
    }

    /// The API with engines other than those of `parts`.
    init(
        parts: ServerParts,
        synthesizer: any SpeechSynthesizer,
        recognizer: any SpeechRecognizer,
        voiceActivity: any VoiceActivityEngine,
        upstream: HTTPClient
    ) {
        speech = SpeechRoute(parts: parts, synthesizer: synthesizer)
        transcription = TranscriptionRoute(parts: parts, recognizer: recognizer, voiceActivity: voiceActivity)
        models = ModelRoutes(parts: parts)
        chat = ChatRoute(
            parts: parts,
            synthesizer: synthesizer,
            recognizer: recognizer,
            voiceActivity: voiceActivity,
            client: upstream
        )
    }

    /// Adds the routes of the API, all below `/v1`; speech also below `/tts/v1`.
    public func addRoutes(to routes: ListenerRoutes) {
        let speaking = routes.needing(.speech)
        let fields = speaking.readingQueryAsFields
        for path in ["/v1/audio/speech", "/tts/v1/audio/speech"] as [RouterPath] {
            fields.post(path) { request, context in try await asOpenAI { try await speech.handle(request, context) } }
        }
        fields.post("/v1/audio/transcriptions") { request, context in
            try await asOpenAI { try await transcription.handle(request, context, task: .transcribe) }
        }
        fields.post("/v1/audio/translations") { request, context in
            try await asOpenAI { try await transcription.handle(request, context, task: .translate) }
        }
        routes.needing(.chat).post("/v1/chat/completions") { request, context in
            try await asOpenAI { try await chat.handle(request, context) }
        }
        // A client of either looks for what it can ask for.
        let either = routes.needing(.speech, .chat)
        either.get("/v1/models") { _, _ in await models.list() }
        either.get("/v1/models/{id}") { _, context in try await models.model(context.parameters.require("id")) }
        speaking.get("/v1/audio/models") { _, _ in await models.audioModels() }
        speaking.get("/v1/audio/voices") { _, _ in await models.voices() }
    }
}

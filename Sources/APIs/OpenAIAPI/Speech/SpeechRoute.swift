import Audio
import HTTPTypes
import Hummingbird
import Serving
import Settings
import Speech

/// `POST /v1/audio/speech`
struct SpeechRoute: Sendable {
    /// OpenAI's rate for all formats, in Hz. For `pcm` it is not stated anywhere in the answer, so clients rely on it.
    private static let sampleRate = 24_000

    let parts: ServerParts
    let synthesizer: any SpeechSynthesizer

    /// Speaks a text. The first sound is made before the answer begins, so a failure up to then has a status. Stops when
    /// the client goes away.
    func handle(_ request: Request, _ context: ServingContext) async throws -> Response {
        let watch = ClientWatch(context.channel)
        try request.requireJSON()
        let settings = parts.settings.current
        // A character may take twelve bytes of JSON, when it is escaped as two surrogates.
        let limit = min(settings.http.maxBodyBytes, 12 * settings.speech.maxTextLength + 1 << 20)
        let body = try await request.bytes(
            limit: limit,
            timeout: settings.http.requestTimeout,
            budget: parts.uploads
        )
        let wanted = try SpeechRequest(json: body, of: request, settings: settings)
        let names = VoiceNames(parts.voices, settings: settings)
        let voice = try names.voice(named: wanted.voice, inField: "voice")
        let engine = try engine(for: wanted.model, speaking: voice)
        let options = try SynthesisOptions(
            voice: voice,
            speed: wanted.speed,
            mayReplaceVoice: settings.speech.voiceFailover || !names.isNamed(wanted.voice)
        )
        let speech = try speak(wanted.input, options, by: engine, limit: settings.speech.maxTextLength)

        let measured = MeasuredSpeech(speech.audio)
        let sound = try await SpeechBody(
            measured.audio,
            format: wanted.format,
            sampleRate: Self.sampleRate,
            delivery: wanted.wantsEvents ? .streamed : SpeechDelivery(streamed: wanted.isStreamed, speech),
            room: parts.uploads,
            watch: watch
        )
        var response =
            wanted.wantsEvents
            ? Response.events { send in
                for try await bytes in sound { try await send(.speech(delta: bytes)) }
                try await send(.speechDone(text: wanted.input, duration: await measured.duration))
            }
            : Response(status: .ok, headers: [.contentType: wanted.format.openAIType], body: sound.responseBody)
        response.headers.name(speech.speaker)
        response.headers.nameIgnored(wanted.ignored)
        return response
    }

    /// The engine that a model names, else those of the settings: clients send the names of models that are long retired.
    private func engine(for model: String, speaking voice: Voice?) throws(APIFailure) -> any SpeechSynthesizer {
        guard let engine = parts.engines.synthesizer(named: model) else {
            guard parts.engines.recognizer(named: model) == nil else {
                throw .badField("model", "\(model) listens and does not speak; GET /v1/models lists who does.")
            }
            return synthesizer
        }
        if let voice, voice.engine != engine.name {
            throw .badField("voice", "The voice \(voice.id) is not one of \(engine.name), which the model names.")
        }
        return engine
    }

    private func speak(
        _ text: String,
        _ options: SynthesisOptions,
        by synthesizer: any SpeechSynthesizer,
        limit: Int
    ) throws(APIFailure) -> TextSpeech {
        do throws(SpeechError) {
            return try synthesizer.speak(text, options: options, limit: limit)
        } catch {
            throw .badField("input", error.description)
        }
    }
}

extension AudioFormat {
    /// The media type that OpenAI gives the format.
    fileprivate var openAIType: String { self == .opus ? "audio/opus" : mimeType }
}

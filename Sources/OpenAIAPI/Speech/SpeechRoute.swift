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

    /// Speaks a text. The first sound is made before the answer begins, so a failure up to then has a status.
    func handle(_ request: Request) async throws -> Response {
        try request.requireJSON()
        let settings = parts.settings.current
        // A character may take twelve bytes of JSON, when it is escaped as two surrogates.
        let limit = min(settings.http.maxBodyBytes, 12 * settings.speech.maxTextLength + 1 << 20)
        let body = try await request.bytes(
            limit: limit,
            timeout: settings.http.requestTimeout,
            budget: parts.uploads
        )
        let wanted = try SpeechRequest(json: body, settings: settings)
        let voice = try VoiceNames(parts.voices, settings: settings).voice(named: wanted.voice)
        let options = try SynthesisOptions(voice: voice, speed: wanted.speed)
        let speech = try speak(wanted.input, options, limit: settings.speech.maxTextLength)

        let measured = MeasuredSpeech(speech)
        let sound = try await SpeechBody(measured.audio, format: wanted.format, sampleRate: Self.sampleRate)
        guard wanted.wantsEvents else {
            return Response(
                status: .ok,
                headers: [.contentType: wanted.format.openAIType],
                body: sound.responseBody
            )
        }
        return .events { send in
            for try await bytes in sound { try await send(.speech(delta: bytes)) }
            try await send(.speechDone(text: wanted.input, duration: await measured.duration))
        }
    }

    private func speak(
        _ text: String,
        _ options: SynthesisOptions,
        limit: Int
    ) throws(APIFailure) -> SpeechAudio {
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

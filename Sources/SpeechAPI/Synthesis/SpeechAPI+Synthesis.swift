import Audio
import Foundation
import HTTPTypes
import Hummingbird
import Serving
import Settings
import Speech

extension SpeechAPI {
    func addSynthesisRoutes(to router: Router<ServingContext>) {
        router.post("/tts") { request, context in try await speak(request, context) }
    }

    private func speak(_ request: Request, _ context: ServingContext) async throws -> Response {
        let settings = parts.settings.current
        var fields = try await jsonFields(of: request)
        let wish = try SynthesisRequest(from: &fields, longestText: settings.speech.maxTextLength)
        try await health.requireSynthesizer()
        let voice = try wish.manner.voice.voice(from: parts.voices, settings: settings, nameIsOptional: false)
        let speech = try speech(
            of: wish.text,
            with: voice,
            manner: wish.manner,
            cutting: wish.cutting,
            settings: settings
        )
        let body = try await body(
            wish.removesSilence ? speech.withoutSilences() : speech,
            wish.manner,
            settings
        )
        return answer(body, format: wish.manner.format(settings), named: "tts_output", context)
    }

    /// A text as speech. Throws `SpeechError` when nothing in it can be spoken.
    func speech(
        of text: String,
        with voice: Voice?,
        manner: SpeakingManner,
        cutting: SynthesisRequest.Cutting = .natural,
        settings: Settings
    ) throws -> SpeechAudio {
        let options = try SynthesisOptions(voice: voice, speed: manner.speed ?? settings.speech.speed)
        switch cutting {
        case .natural:
            return try synthesizer.speak(text, options: options, limit: settings.speech.maxTextLength)
        case .chunks(let size):
            let chunks = TextChunker(chunkSize: size).speakableChunks(of: text)
            guard !chunks.isEmpty else { throw SpeechError.nothingToSay }
            return SpeechAudio(
                joining: chunks.map { chunk in { [synthesizer] in synthesizer.synthesize(chunk, options: options) } }
            )
        }
    }

    /// Starts the speech and waits for its first sound.
    func body(_ speech: SpeechAudio, _ manner: SpeakingManner, _ settings: Settings) async throws -> SpeechBody {
        let format = manner.format(settings)
        let rate = settings.speech.sampleRate
        return try await SpeechBody(
            speech,
            format: format,
            sampleRate: rate == 0 ? nil : format.sampleRate(preferring: rate)
        )
    }

    /// The answer that is a sound file called `name` and the time.
    func answer(
        _ body: SpeechBody,
        format: AudioFormat,
        named name: String,
        _ context: ServingContext
    ) -> Response {
        Response(
            status: .ok,
            headers: [
                .contentType: format.attachmentType,
                .contentDisposition: "attachment; filename=\"\(Self.filename(name, format, at: .now))\"",
                .xProcessingTime: String(context.elapsed.rounded(places: 3)),
            ],
            body: body.responseBody
        )
    }

    /// Such as `tts_output_20261121_131256.wav`, in UTC.
    static func filename(_ name: String, _ format: AudioFormat, at date: Date) -> String {
        let style = Date.ISO8601FormatStyle().year().month().day().time(includingFractionalSeconds: false)
            .dateSeparator(.omitted).timeSeparator(.omitted)
        return "\(name)_\(date.formatted(style).replacing("T", with: "_")).\(format.fileExtension)"
    }
}

extension SpeakingManner {
    /// The format asked for, else that of the settings.
    func format(_ settings: Settings) -> AudioFormat {
        format ?? AudioFormat(name: settings.speech.format) ?? .wav
    }
}

extension AudioFormat {
    /// The media type of a sound file of this API, whose clients know `audio/mp3` and `audio/opus`.
    fileprivate var attachmentType: String {
        switch self {
        case .mp3: "audio/mp3"
        case .opus: "audio/opus"
        default: mimeType
        }
    }
}

import Audio
import Foundation
import HTTPTypes
import Hummingbird
import Serving
import Settings
import Speech

extension SpeechAPI {
    func addSynthesisRoutes(to router: AccessRoutes) {
        router.readingQueryAsFields.post("/tts") { request, context in try await speak(request, context) }
    }

    private func speak(_ request: Request, _ context: ServingContext) async throws -> Response {
        let watch = ClientWatch(context.channel)
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
            wish.removesSilence ? speech.audio.withoutSilences() : speech.audio,
            wish.manner,
            SpeechDelivery(streamed: wish.manner.isStreamed, speech),
            settings,
            watch
        )
        var response = answer(
            body,
            by: speech.speaker,
            format: wish.manner.format(settings),
            named: "tts_output",
            context
        )
        response.headers.nameIgnored(fields.ignored)
        return response
    }

    /// A text as speech; `voice` is the one that `manner` means. Throws `SpeechError` when nothing in the text can be
    /// spoken.
    func speech(
        of text: String,
        with voice: Voice?,
        manner: SpeakingManner,
        cutting: SynthesisRequest.Cutting = .natural,
        settings: Settings
    ) throws -> TextSpeech {
        let options = try options(of: manner, with: voice, settings: settings)
        switch cutting {
        case .natural:
            return try synthesizer.speak(text, options: options, limit: settings.speech.maxTextLength)
        case .chunks(let size):
            let chunks = TextChunker(chunkSize: size).speakableChunks(of: text)
            return try TextSpeech(chunks, by: synthesizer.speaker(with: options))
        }
    }

    /// How to speak; `voice` is the one that `manner` means.
    func options(of manner: SpeakingManner, with voice: Voice?, settings: Settings) throws -> SynthesisOptions {
        try SynthesisOptions(
            voice: voice,
            speed: manner.speed ?? settings.speech.speed,
            mayReplaceVoice: settings.speech.voiceFailover
                || !manner.voice.isNamed(among: VoiceNames(parts.voices, settings: settings))
        )
    }

    /// Starts the speech and waits for its first sound, or for all of it if `delivery` says so.
    func body(
        _ speech: SpeechAudio,
        _ manner: SpeakingManner,
        _ delivery: SpeechDelivery,
        _ settings: Settings,
        _ watch: ClientWatch
    ) async throws -> SpeechBody {
        let format = manner.format(settings)
        let rate = settings.speech.sampleRate
        return try await SpeechBody(
            speech,
            format: format,
            sampleRate: rate == 0 ? nil : format.sampleRate(preferring: rate),
            delivery: delivery,
            room: parts.uploads,
            watch: watch
        )
    }

    /// The answer that is a sound file called `name` and the time, and says who speaks in it.
    func answer(
        _ body: SpeechBody,
        by speaker: Speaker?,
        format: AudioFormat,
        named name: String,
        _ context: ServingContext
    ) -> Response {
        var headers: HTTPFields = [
            .contentType: format.attachmentType,
            .contentDisposition: "attachment; filename=\"\(Self.filename(name, format, at: .now))\"",
            .xProcessingTime: String(context.elapsed.rounded(places: 3)),
        ]
        headers.name(speaker)
        return Response(status: .ok, headers: headers, body: body.responseBody)
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

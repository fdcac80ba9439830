import Audio
import HTTPTypes
import Hummingbird
import Serving
import Settings
import Speech

/// `POST /v1/audio/transcriptions` and `/v1/audio/translations`
struct TranscriptionRoute: Sendable {
    let parts: ServerParts
    let recognizer: any SpeechRecognizer
    let voiceActivity: any VoiceActivityEngine

    /// Transcribes a recording; stops when the client goes away.
    func handle(
        _ request: Request,
        _ context: ServingContext,
        task: TranscriptionRequest.Task
    ) async throws -> Response {
        let watch = ClientWatch(context.channel)
        var wanted = try TranscriptionRequest(
            form: try await request.form(context: context, parts: parts),
            of: request,
            task: task
        )
        let recognizer = try engine(for: wanted.model)
        let language = try await language(among: wanted.languages, of: recognizer)
        // Its room is given back as soon as it is decoded.
        let recording = try await watch.run { [file = wanted.file.take()] in try await self.decode(file) }
        let transcription = FileTranscription(
            voiceActivity: voiceActivity,
            recognizer: recognizer,
            language: language
        )
        guard wanted.isStreamed else {
            let transcript = try await watch.run { try await recording.use { try await transcription.transcribe($0) } }
            var response = TranscriptOutput(
                transcript: transcript,
                duration: recording.duration,
                request: wanted,
                subtitles: Subtitles(layout: .init(settings: parts.settings.current))
            ).response
            response.headers.nameIgnored(wanted.ignored)
            return response
        }
        var response = Response.events { send in
            try await stream(
                transcription,
                of: recording,
                watch: watch,
                send
            )
        }
        response.headers.nameIgnored(wanted.ignored)
        return response
    }

    /// Sends each segment as soon as it is transcribed.
    @concurrent
    private func stream(
        _ transcription: FileTranscription,
        of recording: UploadedSound,
        watch: ClientWatch,
        _ send: Send
    ) async throws {
        let (segments, found) = AsyncStream.makeStream(of: Transcript.Segment.self)
        async let transcript = watch.run {
            defer { found.finish() }
            return try await recording.use { sound in
                try await transcription.transcribe(sound) { progress in
                    if let segment = progress.segment { found.yield(segment) }
                }
            }
        }
        var events = TranscriptEvents()
        for await segment in segments {
            for event in events.events(for: segment) { try await send(event) }
        }
        for event in TranscriptEvents.end(try await transcript, duration: recording.duration) {
            try await send(event)
        }
    }

    /// The engine that a model names, else those of the settings: clients send the names of models that are long retired.
    private func engine(for model: String) throws(APIFailure) -> any SpeechRecognizer {
        if let engine = parts.engines.recognizer(named: model) { return engine }
        guard parts.engines.synthesizer(named: model) == nil else {
            throw .badField("model", "\(model) speaks and does not listen; GET /v1/models lists who does.")
        }
        return recognizer
    }

    /// The first of the languages that the recogniser understands; nil when none is given. Throws `APIFailure` when it
    /// understands none of them.
    private func language(
        among wanted: [String],
        of recognizer: any SpeechRecognizer
    ) async throws -> String? {
        guard !wanted.isEmpty else { return nil }
        if let language = await recognizer.firstUnderstood(of: wanted) { return language }
        let known = await recognizer.describe().languages
        throw APIFailure.badField(
            "language",
            "The recogniser understands only \(known.joined(separator: ", ")); leave the field out."
        )
    }

    private func decode(_ file: UploadedForm.File?) async throws -> UploadedSound {
        guard let file else { throw APIFailure.badField("file", "A file with the sound is required.") }
        do {
            return try await UploadedSound(decoding: file, called: "the file", parts: parts)
        } catch let error as AudioError {
            throw APIFailure.undecodable(error, in: "file")
        }
    }
}

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
        let language = try await language(among: wanted.languages)
        // Its room is given back as soon as it is decoded.
        let recording = try await watch.run { [file = wanted.file.take()] in try await self.decode(file) }
        let isDiarized = wanted.format == .diarizedJSON
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
                isDiarized: isDiarized,
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
        isDiarized: Bool,
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
        var events = TranscriptEvents(isDiarized: isDiarized)
        for await segment in segments {
            for event in events.events(for: segment) { try await send(event) }
        }
        for event in TranscriptEvents.end(try await transcript, duration: recording.duration) {
            try await send(event)
        }
    }

    /// The first of the languages that the recogniser understands; nil when none is given. Throws `APIFailure` when it
    /// understands none of them.
    private func language(among wanted: [String]) async throws -> String? {
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
            let failure = APIFailure(error)
            throw failure.status == .contentTooLarge ? failure : .badField("file", error.description)
        }
    }
}

import Audio
import Hummingbird
import Serving
import Settings
import Speech

extension SpeechAPI {
    func addTranscriptionRoutes(to router: AccessRoutes) {
        router.readingQueryAsFields.post("/stt") { request, context in try await transcribe(request, context) }
        router.get("/stt/status") { _, context in await recognitionStatus(context) }
        router.get("/stt/models") { _, context in await recognitionModels(context) }
        router.get("/stt/config") { _, context in await recognitionConfiguration(context) }
    }

    private func transcribe(_ request: Request, _ context: ServingContext) async throws -> Response {
        let watch = ClientWatch(context.channel)
        let form = try await request.form(context: context, parts: parts)
        let recording = try Recording(from: form)
        var fields = FieldReader(form: form)
        fields.addQuery(of: request)
        fields.know(Recording.field)
        let language = fields.language("language")
        fields.lookAtOthers(meaning: ["lang": "language"])
        try fields.check()
        try await health.requireRecognizer()
        let sound = try await watch.run { try await recording.sound(self.parts) }
        let start = ContinuousClock.now
        let transcript = try await watch.run { try await self.transcript(of: sound, language: language) }
        var response = context.answer(
            [
                "text": .string(transcript.text), "language": JSONValue(transcript.language),
                "duration": .number(sound.duration.seconds.rounded(places: 3)),
            ],
            more: [
                "segments": .array(
                    transcript.segments.map { segment in
                        [
                            "text": .string(segment.text), "start": .number(segment.start.rounded(places: 3)),
                            "end": .number(segment.end.rounded(places: 3)),
                        ]
                    }
                ),
                "processing_time": .number((ContinuousClock.now - start).seconds.rounded(places: 3)),
            ]
        )
        response.headers.nameIgnored(fields.ignored)
        return response
    }

    /// What is said in a recording; nil leaves the language to the recogniser.
    func transcript(of sound: UploadedSound, language: String?) async throws -> Transcript {
        let transcription = FileTranscription(voiceActivity: voiceActivity, recognizer: recognizer, language: language)
        return try await sound.use { try await transcription.transcribe($0) }
    }

    private func recognitionStatus(_ context: ServingContext) async -> Response {
        let report = await health.current()
        let engine = report.recognizer ?? report.recognizers.first
        return context.answer(
            [
                "available": .bool(report.recognizer != nil), "model_loaded": .bool(report.recognizer != nil),
                "library_integration": true, "adapter_type": Self.adapterType, "engine_type": JSONValue(engine?.name),
                "model_info": engine?.modelJSON ?? .null,
            ],
            more: [
                "current_model": JSONValue(engine?.name),
                "supported_languages": JSONValue(engine?.languages ?? []),
            ]
        )
    }

    private func recognitionModels(_ context: ServingContext) async -> Response {
        let report = await health.current()
        let engine = report.recognizer ?? report.recognizers.first
        return context.answer(
            [
                "available_models": JSONValue(report.known.filter { $0.role == .recognizer }.map(\.name)),
                "current_model": JSONValue(engine?.name), "current_device": "cpu",
                "library_available": .bool(report.recognizer != nil), "adapter_type": Self.adapterType,
            ],
            more: ["model_info": engine?.modelJSON ?? .null]
        )
    }

    private func recognitionConfiguration(_ context: ServingContext) async -> Response {
        let settings = parts.settings.current
        let report = await health.current()
        return context.answer([
            "engines": JSONValue(report.recognizers.map(\.name)),
            "voice_activity": JSONValue(settings.speech.voiceActivity), "language": "auto",
            "supported_formats": JSONValue(Recording.extensions),
            "max_file_size_mb": .number((Double(settings.http.maxUploadBytes) / 1_048_576).rounded(places: 2)),
            "max_duration_seconds": .number(settings.audio.maxDuration.seconds),
            "sample_rate": .number(Double(UploadedSound.sampleRate)),
        ])
    }

    private static let adapterType: JSONValue = "library_ready"
}

extension EngineDescription {
    fileprivate var modelJSON: JSONValue {
        [
            "name": .string(name), "version": JSONValue(version), "languages": JSONValue(languages),
            "sample_rate": JSONValue(sampleRate), "licence": .string(licence),
        ]
    }
}

import Foundation
import HTTPTypes
import Hummingbird
import Serving
import Settings
import Speech

extension SpeechAPI {
    func addVoiceRoutes(to router: AccessRoutes) {
        let lists = router.reading("format")
        lists.get("/tts/voices") { request, context in try await voices(request, context) }
        router.get("/tts/voices/{id}") { _, context in try await voice(context.parameters.require("id"), context) }
        router.get("/tts/voices/{id}/{name}") { _, context in
            let id = try context.parameters.require("id") + "/" + context.parameters.require("name")
            return try await voice(id, context)
        }
        router.readingQueryAsFields.post("/tts/voices/validate") { request, context in
            try await validate(request, context)
        }
        lists.get("/get_predefined_voices") { request, context in try await predefinedVoices(request, context) }
        lists.get("/get_reference_files") { request, context in try referenceFiles(request, context) }
    }

    private var catalog: VoiceCatalog { VoiceCatalog(parts.voices) }

    private func voices(_ request: Request, _ context: ServingContext) async throws -> Response {
        let report = await health.current()
        let catalog = catalog
        let entries = catalog.entries.filter { report.canSpeak($0.voice) }
        let preferred = catalog.preferred.filter { report.canSpeak($0.voice) }
        return try context.answer(
            entries.map { .object($0.summary) },
            to: request,
            envelope: [
                "voices": .array(preferred.map { .object($0.details(sampleRate: report.sampleRate(of: $0.voice))) }),
                "voice_count": .number(Double(preferred.count)),
            ]
        )
    }

    /// `id` comes out of the path as it was sent, percent signs and all.
    private func voice(_ id: String, _ context: ServingContext) async throws -> Response {
        var wish = VoiceWish()
        wish.name = id.removingPercentEncoding ?? id
        let found = try wish.voice(from: parts.voices, settings: parts.settings.current, nameIsOptional: false)
        guard let found, let entry = catalog.entry(of: found) else {
            throw APIFailure(.notFound, .notFound, "There are no voices here; install one with scripts/setup.")
        }
        let report = await health.current()
        let rate = report.sampleRate(of: found)
        return context.answer(
            [
                "id": .string(entry.id), "type": "predefined", "path": .string(entry.id),
                "exists": .bool(report.canSpeak(found)),
                "size_bytes": .null,
            ],
            more: entry.details(sampleRate: rate)
        )
    }

    private func validate(_ request: Request, _ context: ServingContext) async throws -> Response {
        var fields = try await jsonFields(of: request)
        let id = fields.string("voice_id", length: 1...200)
        let path = fields.string("voice_path", length: 1...200)
        let name = id ?? path ?? fields.required("voice_id", length: 1...200)
        fields.lookAtOthers(meaning: ["voice": "voice_id", "predefined_voice_id": "voice_id"])
        try fields.check()
        var wish = VoiceWish()
        wish.name = name
        var facts: [String: JSONValue] = [
            "valid": true, "duration": .null, "sample_rate": .null, "channels": 1, "format": .null, "issues": [],
        ]
        let report = await health.current()
        do {
            let voice = try wish.voice(from: parts.voices, settings: parts.settings.current, nameIsOptional: false)
            facts["sample_rate"] = JSONValue(voice.flatMap(report.sampleRate))
            if let voice, !report.canSpeak(voice) {
                facts["valid"] = false
                facts["issues"] = [.string("The engine \(voice.engine) of this voice cannot be used now.")]
            }
        } catch {
            facts["valid"] = false
            facts["channels"] = .null
            facts["issues"] = [.string(error.message)]
        }
        var response = context.answer(facts)
        response.headers.nameIgnored(fields.ignored)
        return response
    }

    private func predefinedVoices(_ request: Request, _ context: ServingContext) async throws -> Response {
        let report = await health.current()
        let voices = catalog.entries.filter { report.canSpeak($0.voice) }.map { entry -> JSONValue in
            ["display_name": .string(entry.displayName), "filename": .string(entry.id)]
        }
        return try context.answer(
            voices,
            to: request,
            envelope: ["predefined_voices": .array(voices), "count": .number(Double(voices.count))]
        )
    }

    /// Cloning needs recordings, and none are kept.
    private func referenceFiles(_ request: Request, _ context: ServingContext) throws -> Response {
        try context.answer([], to: request, envelope: ["reference_files": [], "count": 0])
    }

    /// The fields of a JSON body and of the query. Throws `APIFailure` (408, 413, 415, 422).
    func jsonFields(of request: Request) async throws -> FieldReader {
        try request.requireJSON()
        let settings = parts.settings.current
        let body = try await request.bytes(
            limit: settings.http.maxBodyBytes,
            timeout: settings.http.requestTimeout,
            budget: parts.uploads
        )
        var fields = try FieldReader(json: body)
        fields.addQuery(of: request)
        return fields
    }
}

extension EngineReport {
    /// The rate, in Hz, of a voice's sound; nil when only a remote server knows it.
    func sampleRate(of voice: Voice) -> Int? {
        synthesizers.first { $0.name == voice.engine }?.sampleRate
    }

    /// Whether the engine of a voice can be used, as far as is known.
    func canSpeak(_ voice: Voice) -> Bool { synthesizers.canSpeak(voice) }
}

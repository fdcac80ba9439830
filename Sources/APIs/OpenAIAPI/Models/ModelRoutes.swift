import Foundation
import HTTPTypes
import Hummingbird
import Serving
import Settings
import Speech

/// `GET /v1/models` and what clients ask before they speak: the models and voices for sound.
struct ModelRoutes: Sendable {
    /// OpenAI's names, each of which stands for the engines in use. Old ones too, since clients keep asking for them.
    static let speechNames = ["tts-1", "tts-1-hd", "gpt-4o-mini-tts"]
    static let transcriptionNames = [
        "whisper-1", "gpt-4o-transcribe", "gpt-4o-mini-transcribe", "gpt-transcribe",
    ]
    /// What the model is called that answers chats when no model server has another name for its own.
    static let chatName = "antiphon"

    let parts: ServerParts

    /// All names of models, without duplicates.
    func list() async -> Response {
        let models = await names().map(Self.model)
        return Response(json: ["object": "list", "data": .array(models)])
    }

    /// One model. Throws `APIFailure` (404).
    func model(_ id: String) async throws -> Response {
        let id = id.removingPercentEncoding ?? id
        guard await names().contains(id) else {
            throw APIFailure(.notFound, .modelNotFound, "There is no model of this name; GET /v1/models lists them.")
        }
        return Response(json: Self.model(id))
    }

    /// The names that make speech, in the shape that user interfaces expect.
    func audioModels() async -> Response {
        let engines = await usable(.synthesizer)
        let names = engines.isEmpty ? [] : Self.speechNames + engines
        return Response(json: ["models": .array(names.map { ["id": .string($0), "name": .string($0)] })])
    }

    /// The voices that can be used, once in the shape that user interfaces expect and once in that of OpenAI's lists.
    func voices() async -> Response {
        let engines = await parts.engines.describe()
        let voices = parts.voices.voices.filter(engines.canSpeak)
        return Response(json: [
            "voices": .array(
                voices.map { voice in
                    [
                        "id": .string(voice.id), "name": .string(voice.name), "engine": .string(voice.engine),
                        "languages": .array(voice.languages.map { .string($0) }),
                        "description": .string(voice.summary),
                    ]
                }
            ),
            "object": "list",
            "data": .array(
                voices.map { voice in
                    [
                        "id": .string(voice.id), "object": "audio.voice", "name": .string(voice.name),
                        "type": "audio_sample", "created_at": .number(Self.created),
                    ]
                }
            ),
            "has_more": false,
        ])
    }

    private func names() async -> [String] {
        let recognizers = await usable(.recognizer)
        let synthesizers = await usable(.synthesizer)
        var seen: Set<String> = []
        return
            ([parts.settings.current.model.name ?? Self.chatName] + recognizers + synthesizers
            + (synthesizers.isEmpty ? [] : Self.speechNames)
            + (recognizers.isEmpty ? [] : Self.transcriptionNames)).filter { seen.insert($0).inserted }
    }

    /// The names of the engines in use that can be used.
    private func usable(_ role: EngineDescription.Role) async -> [String] {
        await parts.engines.describeInUse().filter { $0.role == role && $0.availability == .available }.map(\.name)
    }

    /// The field is required, and no model here has a date of its own: 21 November 2026.
    private static let created = 1_795_219_200.0

    private static func model(_ id: String) -> JSONValue {
        ["id": .string(id), "object": "model", "created": .number(created), "owned_by": "antiphon"]
    }
}

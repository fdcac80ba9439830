import Foundation
import Hummingbird
import Serving
import Settings
import Speech

extension SpeechAPI {
    func addConfigurationRoutes(to router: AccessRoutes) {
        router.get("/config") { _, context in await configuration(context) }
        router.get("/config/current") { _, context in
            context.answer(JSONValue(parts.settings.current.redacted).members ?? [:])
        }
        router.get("/config/defaults") { _, context in context.answer(JSONValue(Settings().redacted).members ?? [:]) }
        router.get("/config/schema") { _, context in schema(context) }
        router.get("/config/validation") { _, context in await validation(context) }
    }

    private func configuration(_ context: ServingContext) async -> Response {
        let loaded = parts.settings.loaded
        let paths = Set(loaded.origins.values.compactMap(\.path))
        let modified = await offPool {
            paths.compactMap { path in
                (try? FileManager.default.attributesOfItem(atPath: path))?[.modificationDate] as? Date
            }.max()
        }
        return context.answer(
            JSONValue(loaded.settings.redacted).members ?? [:],
            more: [
                "source": .string(loaded.sourceFiles.isEmpty ? "defaults" : loaded.sourceFiles.joined(separator: ", ")),
                "last_modified": JSONValue(modified?.ISO8601Format()),
            ]
        )
    }

    private func schema(_ context: ServingContext) -> Response {
        let schema = JSONValue(Settings.schema())
        return context.answer(SettingSections(schema: schema).sections, more: ["json_schema": schema])
    }

    private func validation(_ context: ServingContext) async -> Response {
        var check = SettingsCheck(parts.settings.loaded, voices: parts.voices)
        let read = await offPool { [settings = parts.settings] in
            Result { () throws(SettingsError) in try settings.read() }
        }
        check.compare(with: read, voices: parts.voices)
        return context.answer(
            [
                "valid": .bool(check.errors.isEmpty), "errors": JSONValue(check.errors),
                "warnings": JSONValue(check.warnings), "info": JSONValue(check.info),
            ],
            more: ["schema_version": "1.0.0", "validated_at": .string(Date.now.ISO8601Format())]
        )
    }
}

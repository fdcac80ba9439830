import Foundation
import Hummingbird
import Serving
import Settings
import Speech

extension SpeechAPI {
    static let architecture = "library_integration_v2"
    /// The names of what is done around each request.
    static let activeMiddleware = ["timing", "logging"]
    private static let middleware: JSONValue = [
        "timing": "The duration of every request by route, at /metrics.",
        "logging": "One line for every request, with its id; what was said stays out of it.",
        "analytics": "None: nothing is recorded of how people use the server.",
    ]

    func addHealthRoutes(to routes: ListenerRoutes) {
        routes.open.get("/health") { _, context in await health(context) }
        routes.needing(.speech).get("/info") { _, context in info(context) }
    }

    /// Probes ask often, so what does not depend on the request is made once a second.
    private func health(_ context: ServingContext) async -> Response {
        let report = await health.current()
        let isReady = parts.state.isReady
        let prepared = healthBody.current(isReady: isReady) {
            JSONValue.object(healthFacts(report, isReady: isReady)).bytes
        }
        return context.answer(prepared: prepared.bytes, timestamp: prepared.timestamp)
    }

    private func healthFacts(_ report: EngineReport, isReady: Bool) -> [String: JSONValue] {
        let canSpeak = report.synthesizer != nil
        let canHear = report.recognizer != nil
        let status = canSpeak && canHear ? "healthy" : canSpeak || canHear ? "degraded" : "error"
        let components: [String: JSONValue] = [
            "tts_loaded": .bool(canSpeak), "stt_loaded": .bool(canHear), "config_manager": true,
            "adapters_available": true, "middleware_pipeline": true,
        ]
        func word(_ isAvailable: Bool) -> JSONValue { isAvailable ? "available" : "unavailable" }
        let words: [String: JSONValue] = [
            "tts_engine": word(canSpeak), "stt_engine": word(canHear),
            "conversation_engine": word(canSpeak && canHear), "middleware": "active",
        ]
        var facts: [String: JSONValue] = [
            "status": .string(status), "version": .string(version), "architecture": .string(Self.architecture),
            "components": .object(components), "paths": .object(paths), "features": features,
            "ready": .bool(isReady), "draining": .bool(parts.state.isDraining),
        ]
        let inUse = report.synthesizers + report.recognizers
        let more: [String: JSONValue] = [
            "uptime": .number(parts.state.uptime.rounded(places: 3)),
            "components": .object(components.merging(words) { _, new in new }),
            "engines": .array(inUse.filter { $0.availability == .available }.map(\.shortJSON)),
            "missing_engines": .array(inUse.filter { $0.availability != .available }.map(\.shortJSON)),
        ]
        facts["data"] = .object(facts.merging(more) { _, new in new })
        return facts
    }

    /// The folders by their last names only: where they lie is nobody's business.
    private var paths: [String: JSONValue] {
        let voices = parts.settings.current.models.path
        return [
            "predefined_voices": .string(URL(filePath: voices).lastPathComponent), "reference_audio": .null,
            "output": .null,
        ]
    }

    private var features: JSONValue {
        [
            "library_integration": true, "adapter_pattern": true, "middleware_pipeline": true,
            "legacy_compatibility": true,
        ]
    }

    private func info(_ context: ServingContext) -> Response {
        context.answer(
            [
                "server": [
                    "title": "Antiphon", "version": .string(version), "architecture": .string(Self.architecture),
                ],
                "routers": [
                    "core": [
                        "tts": "POST /tts speaks a text; /tts/voices lists the voices.",
                        "stt": "POST /stt transcribes a recording.",
                        "conversation": "POST /conversation answers a recording with speech.",
                    ],
                    "management": [
                        "config": "GET /config and below show the settings.",
                        "files": "GET /get_reference_files and /get_predefined_voices list what can be spoken with.",
                    ],
                    "websocket": [:],
                ],
                "features": [
                    "legacy_compatibility": true, "library_integration": true, "adapter_pattern": true,
                    "middleware_support": true, "analytics": false, "performance_monitoring": true,
                    "configuration_validation": true,
                ],
                "middleware": Self.middleware,
                "adapters": [
                    "tts": .string(synthesizer.name), "stt": .string(recognizer.name),
                    "config": "antiphon.yaml, environment and command line",
                ],
            ],
            more: ["system": system]
        )
    }

    private var system: JSONValue {
        let process = ProcessInfo.processInfo
        return [
            "platform": .string(process.operatingSystemVersionString),
            "cpu_count": .number(Double(process.activeProcessorCount)),
            "memory_gb": .number((Double(process.physicalMemory) / 1_073_741_824).rounded(places: 1)),
            "gpu_available": false, "gpu_type": .null,
        ]
    }
}

extension EngineDescription {
    /// What clients are told of an engine; the reason it is missing names files, so it stays out.
    fileprivate var shortJSON: JSONValue {
        ["name": .string(name), "role": .string(role.rawValue), "available": .bool(availability == .available)]
    }
}

import Conversation
import Hummingbird
import Serving
import Settings
import Speech
import WebSocket

/// What is said about the sockets over HTTP.
extension SpeechAPI {
    func addSocketCompanions(to routes: ListenerRoutes) {
        let speech = routes.needing(.speech)
        speech.get("/ws/conversation/status") { _, context in await socketStatus(context) }
        speech.get("/ws/conversation/config") { _, context in await socketConfiguration(context) }
        speech.get("/ws/conversation/migration-info") { _, context in migrationInfo(context) }
        routes.needing(.configuration).post("/ws/conversation/reload") { _, context in
            context.answer(
                [
                    "status": "success",
                    "message": "New conversations take the settings as they are; nothing has to be loaded again.",
                ]
            )
        }
    }

    private func socketStatus(_ context: ServingContext) async -> Response {
        let report = await health.current()
        let settings = parts.settings.current
        let live = await parts.directory.entries
        return context.answer(
            [
                "status": .string(report.isComplete ? "ready" : "degraded"),
                "stt_available": .bool(report.recognizer != nil), "tts_available": .bool(report.synthesizer != nil),
                "pause_detection_available": true, "response_generation_available": true,
                "middleware_count": .number(Double(Self.activeMiddleware.count)),
            ],
            more: [
                "active_connections": .number(Double(sockets?.connectionCount ?? 0)),
                "max_connections": .number(Double(settings.websocket.maxConnections)),
                "active_conversations": .number(Double(live.count)),
                "max_conversations": .number(Double(settings.conversation.maxSessions)), "library_integration": true,
                "conversation_engine": report.isComplete ? "available" : "unavailable",
                "supported_features": [
                    "partial_transcripts", "barge_in", "two_step_interruption", "adaptive_endpointing", "text_input",
                    "playback_acknowledgement",
                ],
            ]
        )
    }

    private func socketConfiguration(_ context: ServingContext) async -> Response {
        let settings = parts.settings.current
        let turnTaking = TurnTaking(settings)
        let report = await health.current()
        return context.answer([
            "stt": [
                "model_size": JSONValue(report.recognizer?.name), "device": "cpu", "is_multilingual": false,
                "n_mels": .null, "n_vocab": .null, "n_text_ctx": .null, "n_audio_ctx": .null,
            ],
            "tts": [
                "model_type": JSONValue(report.synthesizer?.name), "device": "cpu",
                "sample_rate": .number(Double(Self.socketRate)), "model_loaded": .bool(report.synthesizer != nil),
            ],
            "pause_detection": .object(
                (turnTaking.json.members ?? [:]).merging([
                    "type": .string(voiceActivity.name), "aggressiveness": .null, "frame_duration_ms": 32,
                    "min_speech_frames": 1,
                    "min_pause_frames": .number((turnTaking.minimumSilence / .milliseconds(32)).rounded()),
                    "sample_rate": 16_000, "frame_size": 512,
                ]) { own, _ in own }
            ),
            "response_generation": [
                "response_mode": "echo", "max_history_length": 200, "history_count": 0, "add_prefix": false,
                "prefix_text": "",
            ],
            "middleware": .array(Self.activeMiddleware.map { ["name": .string($0), "enabled": true] }),
        ])
    }

    private func migrationInfo(_ context: ServingContext) -> Response {
        context.answer([
            "migration_info": [
                "version": "2.0",
                "changes": [
                    "Every connection is a session of its own; nothing is shared between clients.",
                    "All of an utterance is transcribed, whatever the size of the frames it came in.",
                    "When a turn ends depends on what was said; see turn_policy.",
                    "Speech over an answer ends it (interrupted), or holds it (paused, resumed) with interruption=two_step.",
                    "An answer is sent sentence by sentence, the first while the rest is being made.",
                    "Sound in JSON is taken as well as binary frames.",
                    "Every query parameter has its effect, or the handshake is refused.",
                ],
                "backwards_compatibility": [
                    "endpoint": "/ws/conversation",
                    "description": "Messages and actions of the first version are unchanged.",
                    "migration_path": "Clients go on as they are; new ones use /ws/conversation/v2.",
                ],
                "new_features": [
                    "custom_endpoint": "/ws/conversation/custom", "analytics_support": true, "authentication": true,
                    "performance_monitoring": true,
                ],
                "breaking_changes": [
                    "stop closes the connection on /v2 and /custom, too.",
                    "An invalid mode is answered with an error; the connection stays open.",
                    "A connection that takes nothing for long is closed (1013).",
                    "Connections need a key where the server does.",
                ],
            ],
            "library_structure": [
                "core": "Conversation", "adapters": "SpeechAPI", "plugins": "Speech", "audio": "Audio",
                "examples": "Examples",
            ],
        ])
    }
}

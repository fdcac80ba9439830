import Logging
import Testing

@testable import Settings

@Suite struct LegacyConfigurationTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func `an old file is accepted as it is`() throws {
        let loaded = try folder.load(
            """
            server:
              host: 0.0.0.0
              port: 9004
              use_auth: false
              log_level: DEBUG
            model:
              repo_id: ResembleAI/chatterbox
            tts_engine:
              device: cuda
            paths:
              model_cache: model_cache
            generation_defaults:
              temperature: 0.8
              speed_factor: 1.5
            gen:
              default_speed_factor: 2
            audio_output:
              format: mp3
              sample_rate: 24000
            routers:
              core:
                tts: { enable_middleware: true, max_text_length: 5000 }
                stt: { max_file_size_mb: 50 }
            ui_state:
              last_text: null
            """
        )
        let settings = loaded.settings
        #expect(settings.bind == "0.0.0.0")
        #expect(settings.listeners.first == Listener(port: 9004, apis: [.speech, .openai]))
        #expect(settings.logging.level == .debug)
        #expect(settings.speech.speed == 1.5)
        #expect(settings.speech.format == "mp3")
        #expect(settings.speech.sampleRate == 24_000)
        #expect(settings.speech.maxTextLength == 5000)
        #expect(settings.http.maxUploadBytes == 50 * 1_048_576)
        #expect(folder.relative(loaded.origin(of: SettingKeys.table.bind).description) == "antiphon.yaml:2:9")
        #expect(
            loaded.warnings.map(folder.relative) == [
                "antiphon.yaml:2:3: `server.host` is the old name of `bind`",
                "antiphon.yaml:3:3: `server.port` is the old name of the port of the API `speech` in `listeners`",
                "antiphon.yaml:5:3: `server.log_level` is the old name of `logging.level`",
                "antiphon.yaml:14:3: `generation_defaults.speed_factor` is the old name of `speech.speed`",
                "antiphon.yaml:16:3: `gen.default_speed_factor` has no effect beside `generation_defaults.speed_factor`; "
                    + "both are `speech.speed` now",
                "antiphon.yaml:18:3: `audio_output.format` is the old name of `speech.format`",
                "antiphon.yaml:19:3: `audio_output.sample_rate` is the old name of `speech.sample_rate`",
                "antiphon.yaml:22:37: `routers.core.tts.max_text_length` is the old name of `speech.max_text_length`",
                "antiphon.yaml:23:12: `routers.core.stt.max_file_size_mb` is the old name of `http.max_upload_bytes`",
                "antiphon.yaml: these old settings have no counterpart and no effect: `server.use_auth`, `model`, "
                    + "`tts_engine`, `paths`, `generation_defaults.temperature`, `routers.core.tts.enable_middleware`, "
                    + "`ui_state`",
            ]
        )
    }

    @Test func `a wrong value in an old file is an error of the new key`() throws {
        #expect(
            try folder.problems("server: { port: abc, log_level: loud }\naudio_output: { format: aiff }") == [
                "antiphon.yaml:1:17: listeners: expected a whole number from 0 to 65535, found `abc`",
                "antiphon.yaml:1:33: logging.level: expected one of critical, debug, error, fatal, info, notice, trace, "
                    + "warn, warning, found `loud`",
                "antiphon.yaml:2:25: speech.format: expected one of `wav`, `mp3`, `opus`, `aac`, `flac`, `pcm`, `mulaw`, "
                    + "`alaw`, "
                    + "found `aiff`",
            ]
        )
    }

    @Test func `old variables work in the environment and in the file`() throws {
        try folder.write("STTS_SERVER_HOST=127.0.0.1", to: ".env")
        var sources = folder.sources
        sources.environment = [
            "STTS_SERVER_PORT": "9000", "STTS_TTS_ENGINE_DEVICE": "cpu", "STTS_LOGGING_LEVEL": "WARNING",
        ]
        let loaded = try Settings.load(from: sources)
        #expect(loaded.settings.bind == "127.0.0.1")
        #expect(loaded.settings.listeners.first?.port == 9000)
        #expect(loaded.settings.logging.level == .warning)
        #expect(
            loaded.warnings.map(folder.relative) == [
                ".env:1: `STTS_SERVER_HOST` is the old name of `ANTIPHON_BIND`",
                "environment STTS_LOGGING_LEVEL: `STTS_LOGGING_LEVEL` is the old name of `ANTIPHON_LOGGING_LEVEL`",
                "environment STTS_SERVER_PORT: `STTS_SERVER_PORT` is the old name of the port of the API `speech` in "
                    + "`listeners`",
                "these old variables have no counterpart and no effect: `STTS_TTS_ENGINE_DEVICE`",
            ]
        )
    }

    @Test func `a new variable wins over an old one`() throws {
        var sources = folder.sources
        sources.environment = ["STTS_SERVER_HOST": "old", "ANTIPHON_BIND": "new"]
        #expect(try Settings.load(from: sources).settings.bind == "new")
    }

    @Test func `sections that both have do not make an old file`() throws {
        #expect(try folder.load("logging: { level: error }").warnings.isEmpty)
        #expect(try folder.problems("logging: { level: ERROR }").count == 1)
    }
}

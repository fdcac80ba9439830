extension SettingAlias {
    private static let levels = [
        "trace": "trace", "debug": "debug", "info": "info", "notice": "notice", "warn": "warning",
        "warning": "warning", "error": "error", "critical": "critical", "fatal": "critical",
    ]

    /// The names in the `config.yaml` of STTS servers, and after `STTS_` in their environment.
    static let all: [SettingAlias] = [
        .renamed("server.host", to: "bind"),
        SettingAlias(oldName: "server.port", meaning: .port(.speech)),
        .renamed("server.log_level", to: "logging.level", words: levels),
        .renamed("logging.level", to: "logging.level", words: levels),
        .renamed("logging.format", to: "logging.format", words: ["json": "json"], otherwise: "text"),
        .renamed("middleware.logging.log_level", to: "logging.level", words: levels),
        .renamed("generation_defaults.speed_factor", to: "speech.speed"),
        .renamed("gen.default_speed_factor", to: "speech.speed"),
        .renamed("audio_output.format", to: "speech.format"),
        .renamed("audio_output.sample_rate", to: "speech.sample_rate"),
        .renamed("routers.core.tts.max_text_length", to: "speech.max_text_length"),
        .renamed("routers.core.stt.max_file_size_mb", to: "http.max_upload_bytes", unit: "MiB"),
    ]
}

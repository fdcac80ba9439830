import ArgumentParser
import Settings
import Speech

/// Names of engines; what is not said here, the settings say.
struct EngineChoice: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Recogniser: moonshine or openai. Repeat it to name the next to try.",
            valueName: "engine"
        )
    )
    var recognizer: [String] = []

    @Option(
        help: ArgumentHelp(
            "Synthesiser: piper, espeak-ng or openai. Repeat it to name the next to try.",
            valueName: "engine"
        )
    )
    var synthesizer: [String] = []

    @Option(
        name: .customLong("openai-url"),
        help: ArgumentHelp(
            "A server with OpenAI's audio interface, up to and including /v1; its key is ANTIPHON_SPEECH_OPENAI_KEY.",
            valueName: "url"
        )
    )
    var openAIURL: String?

    /// Adds what these options say to `sources`.
    func add(to sources: inout SettingsSources) {
        if !recognizer.isEmpty {
            sources.options.append(
                .init("--recognizer", sets: "speech.recognizers", to: recognizer.joined(separator: ","))
            )
        }
        if !synthesizer.isEmpty {
            sources.options.append(
                .init("--synthesizer", sets: "speech.synthesizers", to: synthesizer.joined(separator: ","))
            )
        }
        if let openAIURL { sources.options.append(.init("--openai-url", sets: "speech.openai.url", to: openAIURL)) }
    }
}

/// Where the settings come from, and which engines to use.
struct EngineOptions: ParsableArguments {
    @OptionGroup var settings: SettingsOptions
    @OptionGroup var choice: EngineChoice

    /// The sources of settings, these options included.
    var sources: SettingsSources {
        var sources = settings.sources
        choice.add(to: &sources)
        return sources
    }

    /// The engines these options ask for.
    func engines() throws -> SpeechEngines {
        try SpeechEngines(settings: SettingsOptions.load(sources).settings)
    }
}

/// How to speak; what is not said here, the settings say.
struct VoiceOptions: ParsableArguments {
    @Option(help: "The voice, such as joe or espeak-ng/de (see antiphon voices).")
    var voice: String?

    @Option(help: "How fast to speak, 0.25 to 4; 1 is natural.")
    var speed: Double?

    /// What these options ask of `engines`.
    func synthesis(with engines: SpeechEngines, settings: Settings) async throws -> SynthesisOptions {
        let speed = speed ?? settings.speech.speed
        guard let name = voice ?? settings.speech.voice else { return try SynthesisOptions(speed: speed) }
        // Engines are looked at only when there is a mistake to help with, since that reads their files.
        var voice = try? VoiceRegistry(try await engines.synthesizer.voices()).voice(named: name)
        if voice == nil { voice = try await engines.voices().voice(named: name) }
        return try SynthesisOptions(
            voice: voice,
            speed: speed,
            mayReplaceVoice: self.voice == nil || settings.speech.voiceFailover
        )
    }
}

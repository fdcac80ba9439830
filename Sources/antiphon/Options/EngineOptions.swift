import ArgumentParser
import Foundation
import Speech

/// Which engines to use.
struct EngineOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The folder of models (or ANTIPHON_MODELS).", valueName: "dir"))
    var models: String?

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
            "A server with OpenAI's audio interface, up to and including /v1; its key comes from ANTIPHON_OPENAI_KEY.",
            valueName: "url"
        )
    )
    var openAIURL: String?

    @Option(name: .customLong("openai-recognition-model"), help: "The server's model for recognition.")
    var openAIRecognitionModel = "whisper-1"

    @Option(name: .customLong("openai-synthesis-model"), help: "The server's model for synthesis.")
    var openAISynthesisModel = "tts-1"

    @Option(name: .customLong("openai-voice"), help: "The server's voice.")
    var openAIVoice = "alloy"

    /// The engines these options ask for.
    func engines() throws -> SpeechEngines {
        let environment = ProcessInfo.processInfo.environment
        var configuration = SpeechEngines.Configuration()
        configuration.models = ModelStore(folder: models ?? environment["ANTIPHON_MODELS"] ?? "models")
        if !recognizer.isEmpty { configuration.recognizers = recognizer }
        if !synthesizer.isEmpty { configuration.synthesizers = synthesizer }
        if let openAIURL {
            configuration.openAI = .init(
                endpoint: try OpenAIEndpoint(baseURL: openAIURL, apiKey: environment["ANTIPHON_OPENAI_KEY"]),
                recognitionModel: openAIRecognitionModel,
                synthesisModel: openAISynthesisModel,
                voice: openAIVoice
            )
        }
        return try SpeechEngines(configuration: configuration)
    }
}

/// How to speak.
struct VoiceOptions: ParsableArguments {
    @Option(help: "The voice, such as joe or espeak-ng/de (see antiphon voices).")
    var voice: String?

    @Option(help: "How fast to speak, 0.25 to 4; 1 is natural.")
    var speed = 1.0

    /// What these options ask of `engines`.
    func synthesis(with engines: SpeechEngines) async throws -> SynthesisOptions {
        guard let voice else { return try SynthesisOptions(speed: speed) }
        return try SynthesisOptions(voice: try await engines.voices().voice(named: voice), speed: speed)
    }
}

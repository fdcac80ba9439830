/// All engines of the server, found by name, and the ones in use.
public struct SpeechEngines: Sendable {
    /// Which engines to use, and how.
    public struct Configuration: Sendable {
        /// The folder of models.
        public var models = ModelStore(folder: "models")
        /// The recognisers in order of preference.
        public var recognizers = [MoonshineRecognizer.name]
        /// The synthesisers in order of preference.
        public var synthesizers = [PiperSynthesizer.name, EspeakSynthesizer.name]
        /// The voice activity engines in order of preference.
        public var voiceActivity = [SileroEngine.name, EnergyEngine.name]
        /// How many calls each engine may have waiting, the running one included.
        public var capacity = 16
        /// The server behind the engines called `openai`, if there is one.
        public var openAI: OpenAI?

        /// The standard configuration: everything on this machine.
        public init() {}
    }

    /// What to ask of a server that speaks OpenAI's audio interface.
    public struct OpenAI: Sendable {
        /// Where it is.
        public var endpoint: OpenAIEndpoint
        /// The model for recognition.
        public var recognitionModel: String
        /// The model for synthesis.
        public var synthesisModel: String
        /// The voice.
        public var voice: String

        /// A server at `endpoint`.
        public init(
            endpoint: OpenAIEndpoint,
            recognitionModel: String = "whisper-1",
            synthesisModel: String = "tts-1",
            voice: String = "alloy"
        ) {
            self.endpoint = endpoint
            self.recognitionModel = recognitionModel
            self.synthesisModel = synthesisModel
            self.voice = voice
        }
    }

    /// The recognisers in use, as one.
    public let recognizer: FallbackRecognizer
    /// The synthesisers in use, as one.
    public let synthesizer: FallbackSynthesizer
    /// The voice activity engines in use, as one.
    public let voiceActivity: FallbackVoiceActivity

    private let recognizers: [any SpeechRecognizer]
    private let synthesizers: [any SpeechSynthesizer]
    private let detectors: [any VoiceActivityEngine]

    /// The engines. None is loaded before it is used. Throws `SpeechError.unknownEngine` for a name that is none, and
    /// `.unavailable` for `openai` when no server is configured.
    public init(configuration: Configuration = Configuration()) throws(SpeechError) {
        let models = configuration.models
        recognizers =
            [MoonshineRecognizer(models: models, capacity: configuration.capacity)]
            + (configuration.openAI.map { [OpenAIRecognizer(endpoint: $0.endpoint, model: $0.recognitionModel)] } ?? [])
        synthesizers =
            [
                PiperSynthesizer(models: models, capacity: configuration.capacity),
                EspeakSynthesizer(capacity: configuration.capacity),
            ]
            + (configuration.openAI.map {
                [OpenAISynthesizer(endpoint: $0.endpoint, model: $0.synthesisModel, voice: $0.voice)]
            } ?? [])
        detectors = [SileroEngine(models: models, capacity: configuration.capacity), EnergyEngine()]
        recognizer = FallbackRecognizer(
            try Self.choose(configuration.recognizers, from: recognizers, name: \.name)
        )
        synthesizer = FallbackSynthesizer(
            try Self.choose(configuration.synthesizers, from: synthesizers, name: \.name)
        )
        voiceActivity = FallbackVoiceActivity(
            try Self.choose(configuration.voiceActivity, from: detectors, name: \.name)
        )
    }

    /// What every engine says about itself, whether it is in use or not.
    public func describe() async -> [EngineDescription] {
        var descriptions: [EngineDescription] = []
        for recognizer in recognizers { descriptions.append(await recognizer.describe()) }
        for synthesizer in synthesizers { descriptions.append(await synthesizer.describe()) }
        for detector in detectors { descriptions.append(await detector.describe()) }
        return descriptions
    }

    /// What the engines in use say about themselves, by their roles and in order of preference.
    public func describeInUse() async -> [EngineDescription] {
        let inUse: [(EngineDescription.Role, String)] =
            recognizer.name.split(separator: ",").map { (.recognizer, String($0)) }
            + synthesizer.name.split(separator: ",").map { (.synthesizer, String($0)) }
            + voiceActivity.name.split(separator: ",").map { (.voiceActivity, String($0)) }
        let all = await describe()
        return inUse.compactMap { role, name in all.first { $0.role == role && $0.name == name } }
    }

    /// The recogniser in use that is called `name`; nil if there is none.
    public func recognizer(named name: String) -> (any SpeechRecognizer)? {
        guard recognizer.name.split(separator: ",").contains(name[...]) else { return nil }
        return recognizers.first { $0.name == name }
    }

    /// The synthesiser in use that is called `name`; nil if there is none.
    public func synthesizer(named name: String) -> (any SpeechSynthesizer)? {
        guard synthesizer.name.split(separator: ",").contains(name[...]) else { return nil }
        return synthesizers.first { $0.name == name }
    }

    /// The voices of the synthesisers in use, in order of preference. Only those that can be used are suggested to who
    /// asks for one that is not there.
    public func voices() async throws -> VoiceRegistry {
        var engines: [EngineDescription] = []
        for synthesizer in synthesizers { engines.append(await synthesizer.describe()) }
        return VoiceRegistry(try await synthesizer.voices(), engines: engines)
    }

    private static func choose<Engine>(
        _ names: [String],
        from engines: [Engine],
        name: (Engine) -> String
    ) throws(SpeechError) -> [Engine] {
        let remote = OpenAIRecognizer.name
        let known = engines.map(name).filter { $0 != remote } + [remote]
        var chosen: [Engine] = []
        for wanted in names {
            if let engine = engines.first(where: { name($0) == wanted }) {
                chosen.append(engine)
            } else if wanted == remote {
                throw .unavailable(engine: wanted, reason: "no server is configured; give its address.")
            } else {
                throw .unknownEngine(wanted, known: known)
            }
        }
        guard !chosen.isEmpty else { throw .unknownEngine("", known: known) }
        return chosen
    }
}

import Audio
import SpokenText

/// Speech synthesis with a Piper voice (VITS) through sherpa-onnx: natural, a tenth of a second for a short sentence.
public struct PiperSynthesizer: SpeechSynthesizer {
    /// The name of the engine.
    public static let name = "piper"

    private static let normalizer = TextNormalizer(language: "en-US")
    private let models: ModelStore
    private let queue: EngineQueue<PiperModel>

    /// A synthesiser that loads its voice from `models` at its first use; at most `capacity` segments may wait.
    public init(models: ModelStore, capacity: Int = 16) {
        self.models = models
        queue = EngineQueue(name: Self.name, capacity: capacity) {
            try wrapping(Self.name) { try PiperModel(models) }
        }
    }

    /// `piper`.
    public var name: String { Self.name }

    /// The one voice there is.
    public var defaultVoice: String { "joe" }

    /// Checks the model files and describes the engine.
    public func describe() async -> EngineDescription {
        EngineDescription(
            name: name,
            role: .synthesizer,
            version: "sherpa-onnx 1.13.8, en_US-joe-medium 1.0.0",
            licence: "Apache-2.0 with GPL-3.0 parts (espeak-ng); voice CC0",
            languages: ["en-US"],
            sampleRate: PiperModel.sampleRate,
            availability: await queue.availability { PiperModel.availability(models) }
        )
    }

    /// The one voice there is.
    public func voices() async throws -> [Voice] {
        [
            Voice(
                engine: name,
                name: defaultVoice,
                languages: ["en-US", "en"],
                summary: "Joe, a man's voice, US English (en_US-joe-medium)"
            )
        ]
    }

    /// Loads the voice and speaks a word into the void.
    public func prepare() async throws {
        for try await _ in synthesize("Yes.", options: .standard) {}
    }

    /// Speaks `segment` in one go; a model of this kind makes a sentence as a whole.
    public func synthesize(_ segment: String, options: SynthesisOptions) -> SpeechAudio {
        let text = Self.normalizer.spoken(segment)
        return SpeechAudio(whole: {
            try await queue.run { model, cancellation in
                try wrapping(Self.name) {
                    try model.speak(text, speed: options.speed, unless: cancellation)
                        .withClosingPause(after: segment, speed: options.speed)
                }
            }
        })
    }
}

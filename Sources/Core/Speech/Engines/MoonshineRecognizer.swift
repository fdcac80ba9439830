public import Audio

/// Speech recognition with Moonshine tiny: English, fast enough for partial transcripts on one core.
///
/// One handle serves one call at a time, because the result lies in the handle's memory.
public struct MoonshineRecognizer: SpeechRecognizer {
    /// The name of the engine.
    public static let name = "moonshine"
    static let sampleRate = 16000

    private let models: ModelStore
    private let queue: EngineQueue<MoonshineModel>

    /// A recogniser that loads its model from `models` at its first use; at most `capacity` calls may wait.
    public init(models: ModelStore, capacity: Int = 16) {
        self.models = models
        queue = EngineQueue(name: Self.name, capacity: capacity) {
            try wrapping(Self.name) { try MoonshineModel(models) }
        }
    }

    /// `moonshine`.
    public var name: String { Self.name }

    /// A quarter of a second.
    public var partialInterval: Duration? { .milliseconds(250) }

    /// Half a minute; the model's error grows beyond that.
    public var longestUtterance: Duration { .seconds(30) }

    /// Checks the model files and describes the engine.
    public func describe() async -> EngineDescription {
        EngineDescription(
            name: name,
            role: .recognizer,
            version: "0.1.0 tiny-en",
            licence: "MIT",
            languages: ["en"],
            sampleRate: Self.sampleRate,
            availability: await queue.availability { models.availability(of: MoonshineModel.files) }
        )
    }

    /// Loads the model and runs it once.
    public func prepare() async throws {
        _ = try await transcribe(.silence(.milliseconds(200), sampleRate: Self.sampleRate), language: nil)
    }

    /// Transcribes `audio`, which must be in English.
    public func transcribe(_ audio: PCM, language: String?) async throws -> Transcript {
        if let language, language.languageCode != "en" {
            throw SpeechError.languageNotUnderstood(language, known: ["en"])
        }
        return try await queue.run { model, cancellation in
            let sound = audio.resampled(to: Self.sampleRate)
            guard !cancellation.isCancelled else { throw CancellationError() }
            let padded = PaddedSound(sound, of: audio)
            return padded.unpadded(try wrapping(Self.name) { try model.transcribe(padded.sound) })
        }
    }
}

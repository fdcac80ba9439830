import Audio

/// Voice activity detection with the Silero model through sherpa-onnx, 32 ms at a time.
public struct SileroEngine: VoiceActivityEngine {
    /// The name of the engine.
    public static let name = "silero"

    private let models: ModelStore
    private let queue: EngineQueue<SileroLibrary>

    /// An engine that loads its model from `models`; at most `capacity` calls of all sessions may wait.
    public init(models: ModelStore, capacity: Int = 256) {
        self.models = models
        queue = EngineQueue(name: Self.name, capacity: capacity) {
            try wrapping(Self.name) { try SileroLibrary(models) }
        }
    }

    /// `silero`.
    public var name: String { Self.name }

    /// Checks the model files and describes the engine.
    public func describe() async -> EngineDescription {
        EngineDescription(
            name: name,
            role: .voiceActivity,
            version: "6.2.1, sherpa-onnx 1.13.8",
            licence: "MIT, Apache-2.0",
            languages: [],
            sampleRate: SileroLibrary.sampleRate,
            availability: await queue.availability { models.availability(of: SileroLibrary.files) }
        )
    }

    /// A detector with an empty memory.
    public func makeDetector() async throws -> any VoiceActivityDetector {
        let loan = try await queue.run { library, _ in try wrapping(Self.name) { try library.lend() } }
        return SileroDetector(queue: queue, loan: loan)
    }
}

/// The detector of one session.
private struct SileroDetector: VoiceActivityDetector {
    let queue: EngineQueue<SileroLibrary>
    let loan: SileroLoan
    var sampleRate: Int { SileroLibrary.sampleRate }
    var hangover: Duration { SileroLibrary.hangover }

    func process(_ samples: [Float]) async throws -> [VoiceActivity] {
        try await queue.run { [loan] _, _ in try wrapping(SileroEngine.name) { try loan.model.process(samples) } }
    }
}

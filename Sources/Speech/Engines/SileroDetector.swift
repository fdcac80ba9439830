import Audio
import CSpeechEngines

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
            availability: await offPool { models.availability(of: SileroLibrary.files) }
        )
    }

    /// A detector with an empty memory.
    public func makeDetector() async throws -> any VoiceActivityDetector {
        let box = try await queue.run { library, _ in
            try wrapping(Self.name) { SileroBox(try library.makeModel()) }
        }
        return SileroDetector(queue: queue, box: box)
    }
}

/// The detector of one session.
private struct SileroDetector: VoiceActivityDetector {
    let queue: EngineQueue<SileroLibrary>
    let box: SileroBox
    var sampleRate: Int { SileroLibrary.sampleRate }
    var hangover: Duration { SileroLibrary.hangover }

    func process(_ samples: [Float]) async throws -> [VoiceActivity] {
        try await queue.run { [box] _, _ in box.model.process(samples) }
    }
}

/// Carries a session's model between calls.
// Unchecked because only blocks on the engine's serial queue touch the model.
private final class SileroBox: @unchecked Sendable {
    let model: SileroModel

    init(_ model: SileroModel) {
        self.model = model
    }
}

/// The functions of the loaded library.
private final class SileroLibrary {
    static let sampleRate = 16000
    // Silence is timed by the utterance detector; the model only has to bridge the gaps inside words.
    static let hangover: Duration = .milliseconds(100)
    static let files = ModelCatalog.sherpa + [ModelCatalog.silero]

    let create: sherpa_create_vad_fn
    let free: sherpa_destroy_vad_fn
    let accept: sherpa_vad_accept_fn
    let detected: sherpa_vad_detected_fn
    let clear: sherpa_vad_clear_fn
    private let modelPath: String

    init(_ models: ModelStore) throws {
        try models.verify(Self.files)
        let library = try DynamicLibrary(models.path(ModelCatalog.sherpaLibrary))
        create = try library.function("SherpaOnnxCreateVoiceActivityDetector")
        free = try library.function("SherpaOnnxDestroyVoiceActivityDetector")
        accept = try library.function("SherpaOnnxVoiceActivityDetectorAcceptWaveform")
        detected = try library.function("SherpaOnnxVoiceActivityDetectorDetected")
        clear = try library.function("SherpaOnnxVoiceActivityDetectorClear")
        modelPath = models.path(ModelCatalog.silero)
    }

    func makeModel() throws -> SileroModel {
        var config = sherpa_vad_config()
        config.silero_vad.threshold = 0.5
        config.silero_vad.min_silence_duration = Float(Self.hangover.seconds)
        config.silero_vad.min_speech_duration = 0.1
        config.silero_vad.window_size = Int32(SileroModel.window)
        config.silero_vad.max_speech_duration = 60
        config.sample_rate = Int32(Self.sampleRate)
        config.num_threads = 1
        let handle = modelPath.withCString { path in
            "cpu".withCString { provider in
                config.silero_vad.model = path
                config.provider = provider
                return create(&config, 90)
            }
        }
        guard let handle else {
            throw SpeechError.failed(engine: SileroEngine.name, reason: "its model could not be loaded.")
        }
        return SileroModel(handle, library: self)
    }
}

/// The model's memory of one stream.
private final class SileroModel {
    static let window = 512

    private let handle: UnsafeRawPointer
    private let library: SileroLibrary
    private var rest: [Float] = []

    init(_ handle: UnsafeRawPointer, library: SileroLibrary) {
        self.handle = handle
        self.library = library
    }

    deinit { library.free(handle) }

    func process(_ samples: [Float]) -> [VoiceActivity] {
        rest.append(contentsOf: samples)
        var activities: [VoiceActivity] = []
        rest.withUnsafeBufferPointer { buffer in
            var start = 0
            while start + Self.window <= buffer.count, let base = buffer.baseAddress {
                library.accept(handle, base + start, Int32(Self.window))
                activities.append(VoiceActivity(count: Self.window, isSpeech: library.detected(handle) != 0))
                start += Self.window
            }
        }
        rest.removeFirst(activities.count * Self.window)
        // The finished segments that the library also collects are not wanted.
        library.clear(handle)
        return activities
    }
}

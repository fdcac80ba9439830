import Audio
import CSpeechEngines
import Synchronization

/// The loaded library, with the model's file in memory and the detectors that wait for a stream.
final class SileroLibrary {
    static let sampleRate = 16000
    // Silence is timed by the utterance detector; the model only has to bridge the gaps inside words.
    static let hangover: Duration = .milliseconds(100)
    static let files = ModelCatalog.sherpa + [ModelCatalog.silero]

    private let functions: SileroFunctions
    private let file: SealedCopy
    private let idle = SileroPool()

    init(_ models: ModelStore) throws {
        functions = try SileroFunctions(try EngineLibraries.sherpa(from: models))
        file = try models.copy(ModelCatalog.silero)
    }

    /// A detector with an empty memory, which goes back when nobody holds the result any more. Making one takes 50 ms
    /// and 14 MB, so one that has come back is taken first.
    func lend() throws -> SileroLoan {
        SileroLoan(try idle.take() ?? makeModel(), to: idle)
    }

    // sherpa-onnx would end the process by `exit` for a model that is none of Silero's, or for another rate or window; the
    // model is a sealed copy of the expected SHA-256.
    private func makeModel() throws -> SileroModel {
        var config = sherpa_vad_config()
        config.silero_vad.threshold = 0.5
        config.silero_vad.min_silence_duration = Float(Self.hangover.seconds)
        config.silero_vad.min_speech_duration = 0.1
        config.silero_vad.window_size = Int32(SileroModel.window)
        config.silero_vad.max_speech_duration = 60
        config.sample_rate = Int32(Self.sampleRate)
        config.num_threads = 1
        var handle: UnsafeRawPointer?
        try file.path.withCString { path in
            try "cpu".withCString { provider in
                config.silero_vad.model = path
                config.provider = provider
                try guarded { antiphon_sherpa_create_vad(functions.create, &config, 90, &handle, $0) }
            }
        }
        guard let handle else {
            throw SpeechError.failed(engine: SileroEngine.name, reason: "its model could not be loaded.")
        }
        return SileroModel(handle, functions)
    }
}

/// What is used of the library.
struct SileroFunctions: Sendable {
    let create: sherpa_create_vad_fn
    let free: sherpa_destroy_vad_fn
    let accept: sherpa_vad_accept_fn
    let detected: sherpa_vad_detected_fn
    let clear: sherpa_vad_clear_fn
    let reset: sherpa_vad_reset_fn

    init(_ library: DynamicLibrary) throws {
        create = try library.function("SherpaOnnxCreateVoiceActivityDetector")
        free = try library.function("SherpaOnnxDestroyVoiceActivityDetector")
        accept = try library.function("SherpaOnnxVoiceActivityDetectorAcceptWaveform")
        detected = try library.function("SherpaOnnxVoiceActivityDetectorDetected")
        clear = try library.function("SherpaOnnxVoiceActivityDetectorClear")
        reset = try library.function("SherpaOnnxVoiceActivityDetectorReset")
    }
}

/// The model with its memory of one stream.
// Unchecked because the compiler cannot see that one stream at a time has it, whose calls come one after another.
final class SileroModel: @unchecked Sendable {
    static let window = 512

    private let handle: UnsafeRawPointer
    private let functions: SileroFunctions
    private var rest: [Float] = []
    private var isBroken = false

    init(_ handle: UnsafeRawPointer, _ functions: SileroFunctions) {
        self.handle = handle
        self.functions = functions
    }

    deinit { try? guarded { antiphon_sherpa_destroy_vad(functions.free, handle, $0) } }

    /// Takes the next samples. A call that fails is the last of this model.
    func process(_ samples: [Float]) throws -> [VoiceActivity] {
        guard !isBroken else {
            throw SpeechError.failed(engine: SileroEngine.name, reason: "an earlier call has failed.")
        }
        isBroken = true
        rest.append(contentsOf: samples)
        var activities: [VoiceActivity] = []
        try rest.withUnsafeBufferPointer { buffer in
            var start = 0
            while start + Self.window <= buffer.count, let base = buffer.baseAddress {
                var detected: Int32 = 0
                try guarded {
                    antiphon_sherpa_vad_accept(functions.accept, handle, base + start, Int32(Self.window), $0)
                }
                try guarded { antiphon_sherpa_vad_detected(functions.detected, handle, &detected, $0) }
                activities.append(VoiceActivity(count: Self.window, isSpeech: detected != 0))
                start += Self.window
            }
        }
        rest.removeFirst(activities.count * Self.window)
        // The finished segments that the library also collects are not wanted.
        try guarded { antiphon_sherpa_vad_clear(functions.clear, handle, $0) }
        isBroken = false
        return activities
    }

    /// Forgets the stream. False when the model cannot be used again.
    fileprivate func forget() -> Bool {
        rest = []
        guard !isBroken else { return false }
        do {
            try guarded { antiphon_sherpa_vad_reset(functions.reset, handle, $0) }
            return true
        } catch {
            return false
        }
    }
}

/// The use of a model for one stream; its end gives the model back.
final class SileroLoan: Sendable {
    let model: SileroModel
    private let pool: SileroPool

    fileprivate init(_ model: SileroModel, to pool: SileroPool) {
        self.model = model
        self.pool = pool
    }

    deinit { pool.giveBack(model) }
}

/// Models without a stream, as many as are worth their memory.
private final class SileroPool: Sendable {
    private static let most = 4
    private let models = Mutex<[SileroModel]>([])

    func take() -> SileroModel? {
        models.withLock { $0.popLast() }
    }

    /// Keeps `model`, emptied, if there is room for it. Nobody else has it.
    func giveBack(_ model: SileroModel) {
        guard model.forget() else { return }
        models.withLock { if $0.count < Self.most { $0.append(model) } }
    }
}

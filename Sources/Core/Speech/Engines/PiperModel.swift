import Audio
import CSpeechEngines

/// A loaded Piper voice. The phonemiser in it has global state, so it must not be used by two threads at once.
final class PiperModel {
    static let sampleRate = 22050
    static let files = ModelCatalog.sherpa + ModelCatalog.piper

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private let handle: UnsafeRawPointer
    private let phonemes: PhonemeData
    private let generate: sherpa_tts_generate_fn
    private let freeAudio: sherpa_destroy_audio_fn
    private let free: sherpa_destroy_tts_fn

    /// Loads the voice.
    ///
    /// sherpa-onnx ends the process by `exit` when a model lacks its metadata, a line of the tokens is wrong or
    /// espeak-ng cannot read its tables. None of that can happen here: model and tokens are sealed copies of the
    /// expected SHA-256, the tables were looked at just now, and the engine's thread has descriptors to open them with.
    init(_ models: ModelStore) throws {
        let phonemes = try PhonemeData()
        try phonemes.check(PhonemeData.tables + PhonemeData.english)
        try phonemes.checkFormat()
        let model = try models.copy(ModelCatalog.piperModel)
        let tokens = try models.copy(ModelCatalog.piperTokens)
        let library = try EngineLibraries.sherpa(from: models)
        generate = try library.function("SherpaOnnxOfflineTtsGenerateWithConfig")
        freeAudio = try library.function("SherpaOnnxDestroyOfflineTtsGeneratedAudio")
        free = try library.function("SherpaOnnxDestroyOfflineTts")
        let create: sherpa_create_tts_fn = try library.function("SherpaOnnxCreateOfflineTts")

        var config = sherpa_tts_config()
        config.model.num_threads = 2
        config.max_num_sentences = 1
        // The noise scales of the voice's own configuration file.
        config.model.vits.noise_scale = 0.667
        config.model.vits.noise_scale_w = 0.8
        config.model.vits.length_scale = 1
        var handle: UnsafeRawPointer?
        try model.path.withCString { model in
            try tokens.path.withCString { tokens in
                try phonemes.folder.withCString { data in
                    try "cpu".withCString { provider in
                        config.model.vits.model = model
                        config.model.vits.tokens = tokens
                        config.model.vits.data_dir = data
                        config.model.provider = provider
                        try guarded { antiphon_sherpa_create_tts(create, &config, &handle, $0) }
                    }
                }
            }
        }
        guard let handle else { throw Failure(description: "the voice en_US-joe-medium could not be loaded.") }
        self.handle = handle
        self.phonemes = phonemes
    }

    deinit { try? guarded { antiphon_sherpa_destroy_tts(free, handle, $0) } }

    static func availability(_ models: ModelStore) -> EngineDescription.Availability {
        do throws(PhonemeData.Problem) {
            try PhonemeData().check(PhonemeData.tables + PhonemeData.english)
            return models.availability(of: files)
        } catch {
            return .unavailable(reason: error.description)
        }
    }

    /// Speaks `text`; ends early, with what there is, when `cancellation` says so.
    func speak(_ text: String, speed: Double, unless cancellation: CancellationFlag) throws -> PCM {
        // The phonemiser opens them for each text, and takes no notice when it cannot.
        try phonemes.check(PhonemeData.english)
        var config = sherpa_generation_config()
        config.speed = Float(speed)
        config.silence_scale = 1
        let context = Unmanaged.passUnretained(cancellation).toOpaque()
        var audio: UnsafePointer<sherpa_generated_audio>?
        try text.withCString { text in
            try guarded {
                antiphon_sherpa_generate(
                    generate,
                    handle,
                    text,
                    &config,
                    { _, _, _, context in
                        guard let context else { return 1 }
                        return Unmanaged<CancellationFlag>.fromOpaque(context).takeUnretainedValue().isCancelled ? 0 : 1
                    },
                    context,
                    &audio,
                    $0
                )
            }
        }
        guard let audio else { throw SpeechError.producedNothing(engine: PiperSynthesizer.name) }
        defer { try? guarded { antiphon_sherpa_destroy_audio(freeAudio, audio, $0) } }
        guard !cancellation.isCancelled else { throw CancellationError() }
        let samples = UnsafeBufferPointer(start: audio.pointee.samples, count: Int(audio.pointee.n))
        guard !samples.isEmpty else { throw SpeechError.producedNothing(engine: PiperSynthesizer.name) }
        return PCM(Array(samples), sampleRate: Int(audio.pointee.sample_rate))
    }
}

import Audio
import CSpeechEngines
import Foundation

/// A loaded Piper voice. The phonemiser in it has global state, so it must not be used by two threads at once.
final class PiperModel {
    static let sampleRate = 22050
    static let files = ModelCatalog.sherpa + ModelCatalog.piper

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private let handle: UnsafeRawPointer
    private let generate: sherpa_tts_generate_fn
    private let freeAudio: sherpa_destroy_audio_fn
    private let free: sherpa_destroy_tts_fn

    init(_ models: ModelStore) throws {
        try models.verify(Self.files)
        guard let phonemes = Self.phonemeData() else { throw Failure(description: Self.noPhonemeData) }
        let library = try DynamicLibrary(models.path(ModelCatalog.sherpaLibrary))
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
        let handle = models.path(ModelCatalog.piperModel).withCString { model in
            models.path(ModelCatalog.piperTokens).withCString { tokens in
                phonemes.withCString { data in
                    "cpu".withCString { provider in
                        config.model.vits.model = model
                        config.model.vits.tokens = tokens
                        config.model.vits.data_dir = data
                        config.model.provider = provider
                        return create(&config)
                    }
                }
            }
        }
        guard let handle else { throw Failure(description: "the voice en_US-joe-medium could not be loaded.") }
        self.handle = handle
    }

    deinit { free(handle) }

    static func availability(_ models: ModelStore) -> EngineDescription.Availability {
        phonemeData() == nil ? .unavailable(reason: noPhonemeData) : models.availability(of: files)
    }

    /// Speaks `text`; ends early, with what there is, when `cancellation` says so.
    func speak(_ text: String, speed: Double, unless cancellation: CancellationFlag) throws -> PCM {
        var config = sherpa_generation_config()
        config.speed = Float(speed)
        config.silence_scale = 1
        let context = Unmanaged.passUnretained(cancellation)
        let audio = text.withCString { text in
            generate(
                handle,
                text,
                &config,
                { _, _, _, context in
                    guard let context else { return 1 }
                    return Unmanaged<CancellationFlag>.fromOpaque(context).takeUnretainedValue().isCancelled ? 0 : 1
                },
                context.toOpaque()
            )
        }
        guard let audio else { throw SpeechError.producedNothing(engine: PiperSynthesizer.name) }
        defer { freeAudio(audio) }
        guard !cancellation.isCancelled else { throw CancellationError() }
        let samples = UnsafeBufferPointer(start: audio.pointee.samples, count: Int(audio.pointee.n))
        guard !samples.isEmpty else { throw SpeechError.producedNothing(engine: PiperSynthesizer.name) }
        return PCM(Array(samples), sampleRate: Int(audio.pointee.sample_rate))
    }

    private static let noPhonemeData = "the phoneme data of espeak-ng is missing; apt-get install espeak-ng-data."

    /// Debian's multi-architecture folder, or the plain one of other systems.
    private static func phonemeData() -> String? {
        [
            "/usr/lib/x86_64-linux-gnu/espeak-ng-data", "/usr/lib/aarch64-linux-gnu/espeak-ng-data",
            "/usr/share/espeak-ng-data",
        ]
        .first { FileManager.default.fileExists(atPath: $0 + "/phontab") }
    }
}

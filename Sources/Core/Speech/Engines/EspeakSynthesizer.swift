import Audio
import SpokenText

/// Speech synthesis with espeak-ng: robotic, but instant and in more than a hundred languages.
public struct EspeakSynthesizer: SpeechSynthesizer {
    /// The name of the engine.
    public static let name = "espeak-ng"

    // The library has one global state for the process, so all instances share one queue. How much of it each may fill is
    // its own affair.
    private static let queue = EngineQueue(name: name, capacity: 10_000) {
        try wrapping(name) { try EspeakLibrary() }
    }

    private let capacity: Int

    /// A synthesiser; the library is loaded at its first use. At most `capacity` segments may wait.
    public init(capacity: Int = 16) {
        self.capacity = capacity
    }

    /// `espeak-ng`.
    public var name: String { Self.name }

    /// US English.
    public var defaultVoice: String { EspeakLibrary.defaultVoice }

    /// Loads the library and describes the engine.
    public func describe() async -> EngineDescription {
        var description = EngineDescription(
            name: name,
            role: .synthesizer,
            version: nil,
            licence: "GPL-3.0",
            languages: [],
            sampleRate: EspeakLibrary.sampleRate,
            availability: .available
        )
        do {
            let (version, voices) = try await Self.queue.run { library, _ in (library.version, library.voices) }
            description.version = version
            description.languages = Array(Set(voices.flatMap(\.languages))).sorted()
        } catch SpeechError.unavailable(_, let reason) {
            description.availability = .unavailable(reason: reason)
        } catch {
            description.availability = .unavailable(reason: String(describing: error))
        }
        return description
    }

    /// One voice for each language, US English first.
    public func voices() async throws -> [Voice] {
        try await Self.queue.run { library, _ in library.voices }
    }

    /// Loads the library.
    public func prepare() async throws {
        try await Self.queue.run { _, _ in }
    }

    /// Speaks `segment`; a cancelled segment stops within 60 ms of its sound.
    public func synthesize(_ segment: String, options: SynthesisOptions) -> SpeechAudio {
        let voice = options.voice.flatMap { $0.engine == Self.name ? $0.name : nil } ?? EspeakLibrary.defaultVoice
        // A voice is named after its language.
        let text = TextNormalizer(language: voice).spoken(segment)
        return SpeechAudio(whole: {
            try await Self.queue.run(upTo: capacity) { library, cancellation in
                try wrapping(Self.name) {
                    try library.speak(text, voice: voice, speed: options.speed, unless: cancellation)
                        .withClosingPause(after: segment, speed: options.speed)
                }
            }
        })
    }
}

public import Resilience
import Synchronization

/// Several synthesisers in order of preference, used as one.
public final class FallbackSynthesizer: SpeechSynthesizer {
    private let engines: [any SpeechSynthesizer]
    private let failover: SharedFailover

    /// A synthesiser that asks the engine of the wanted voice, else the first of `engines`, of which there must be
    /// one, and the others when that fails.
    public init(_ engines: [any SpeechSynthesizer], policy: CircuitBreaker.Policy = .init()) {
        precondition(!engines.isEmpty, "a synthesiser is needed")
        self.engines = engines
        failover = SharedFailover(Failover(count: engines.count, policy: policy))
    }

    /// The names of the engines in order.
    public var name: String { engines.map(\.name).joined(separator: ",") }

    /// The description of the preferred engine.
    public func describe() async -> EngineDescription { await engines[0].describe() }

    /// The voices of all engines that are available, in order of preference.
    public func voices() async throws -> [Voice] {
        var voices: [Voice] = []
        for engine in engines {
            voices += (try? await engine.voices()) ?? []
            try Task.checkCancellation()
        }
        return voices
    }

    /// Prepares the first engine that can be prepared; throws when none can.
    public func prepare() async throws {
        try await Failover.first(.synthesizer, of: engines) { try await $0.prepare() }
    }

    /// Loads what will speak with `options`, as ``speaker(with:)`` chooses it, and returns its name; nil when nothing can
    /// be loaded, which the speaking then gives the reasons of. Throws `CancellationError`.
    public func prepare(for options: SynthesisOptions) async throws -> String? {
        for index in options.order(among: engines) {
            do {
                try await engines[index].prepare()
                return engines[index].name
            } catch let error as CancellationError {
                throw error
            } catch {
                continue
            }
        }
        return nil
    }

    /// The engine that is to speak with `options`, unless it fails, as it describes itself.
    public func preferred(for options: SynthesisOptions) async -> EngineDescription {
        await engines[options.order(among: engines).first ?? 0].describe()
    }

    /// That of the preferred engine.
    public var defaultVoice: String { engines[0].defaultVoice }

    /// Speaks a segment that is a text of its own; see ``speaker(with:)``.
    public func synthesize(_ segment: String, options: SynthesisOptions) -> SpeechAudio {
        speaker(with: options).speak(segment)
    }

    /// Speaks with the first engine that makes sound, and with that one to the end of the text. An engine that fails
    /// after its first sound is not replaced, because the listener would hear the beginning twice, or two voices.
    ///
    /// A voice that may not be replaced is spoken by its own engine or not at all: the speech then throws
    /// `SpeechError.voiceUnusable`.
    public func speaker(with options: SynthesisOptions) -> any TextSpeaker {
        FallbackSpeaker(engines: engines, options: options, failover: failover)
    }
}

/// The choice of engines, shared by all texts being spoken.
final class SharedFailover: Sendable {
    private let failover: Mutex<Failover>

    init(_ failover: Failover) {
        self.failover = Mutex(failover)
    }

    func withLock<Result: Sendable>(_ body: (inout Failover) -> Result) -> Result {
        failover.withLock { body(&$0) }
    }
}

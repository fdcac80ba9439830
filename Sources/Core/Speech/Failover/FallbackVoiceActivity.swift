/// Several voice activity engines in order of preference, used as one.
public struct FallbackVoiceActivity: VoiceActivityEngine {
    private let engines: [any VoiceActivityEngine]

    /// An engine that makes the detectors of the first of `engines`, of which there must be one, that is available.
    public init(_ engines: [any VoiceActivityEngine]) {
        precondition(!engines.isEmpty, "a voice activity engine is needed")
        self.engines = engines
    }

    /// The names of the engines in order.
    public var name: String { engines.map(\.name).joined(separator: ",") }

    /// The description of the preferred engine.
    public func describe() async -> EngineDescription { await engines[0].describe() }

    /// A detector of the first engine that can make one. Throws `SpeechError` when none can.
    public func makeDetector() async throws -> any VoiceActivityDetector {
        try await Failover.first(.voiceActivity, of: engines) { try await $0.makeDetector() }
    }
}

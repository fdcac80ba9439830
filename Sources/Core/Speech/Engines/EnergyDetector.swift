import Audio

/// Voice activity detection by loudness alone: needs no model, and is fooled by any noise that changes. It stands in
/// where the model of a better detector is missing.
public struct EnergyEngine: VoiceActivityEngine {
    /// The name of the engine.
    public static let name = "energy"

    /// An engine.
    public init() {}

    /// `energy`.
    public var name: String { Self.name }

    /// Describes the engine, which is always available.
    public func describe() async -> EngineDescription {
        EngineDescription(
            name: name,
            role: .voiceActivity,
            version: nil,
            licence: "MIT",
            languages: [],
            sampleRate: EnergyMeter.sampleRate,
            availability: .available
        )
    }

    /// A detector that knows no noise yet.
    public func makeDetector() async throws -> any VoiceActivityDetector {
        EnergyDetector()
    }
}

private actor EnergyDetector: VoiceActivityDetector {
    nonisolated var sampleRate: Int { EnergyMeter.sampleRate }
    nonisolated var hangover: Duration { .samples(EnergyMeter.hangover * EnergyMeter.window, at: sampleRate) }
    private var meter = EnergyMeter()

    func process(_ samples: [Float]) async throws -> [VoiceActivity] {
        meter.process(samples)
    }
}

/// Follows the level of the background and calls speech what stands 9 dB above it.
struct EnergyMeter: Sendable {
    static let sampleRate = 16000
    static let window = 512
    /// Windows that bridge the gaps inside words.
    static let hangover = 3

    private var rest: [Float] = []
    private var floor: Float = 0.001
    private var windowsToBridge = 0

    mutating func process(_ samples: [Float]) -> [VoiceActivity] {
        rest.append(contentsOf: samples)
        let whole = rest.count / Self.window
        let activities = (0..<whole).map { index in
            let window = rest[index * Self.window..<(index + 1) * Self.window]
            let power = window.reduce(0) { $0 + $1 * $1 } / Float(Self.window)
            return VoiceActivity(count: Self.window, isSpeech: isSpeech(level: power.squareRoot()))
        }
        rest.removeFirst(whole * Self.window)
        return activities
    }

    private mutating func isSpeech(level: Float) -> Bool {
        // The floor follows a falling level at once and a rising one over about ten seconds.
        floor = min(max(level, 0.0003), floor * 1.003)
        if level > max(floor * 2.8, 0.003) {
            windowsToBridge = Self.hangover
            return true
        }
        windowsToBridge -= 1
        return windowsToBridge >= 0
    }
}

/// Tells speech from silence in a stream of sound. One detector serves one session; it remembers what it heard.
public protocol VoiceActivityDetector: Sendable {
    /// The sample rate, in Hz, of the samples it takes.
    var sampleRate: Int { get }

    /// How long after the end of speech windows are still reported as speech.
    var hangover: Duration { get }

    /// Takes the next samples and says, for each window they complete, whether it belongs to speech.
    ///
    /// Throws `SpeechError`.
    func process(_ samples: [Float]) async throws -> [VoiceActivity]
}

/// What a detector says about one window of sound.
public struct VoiceActivity: Sendable, Equatable {
    /// How many samples the window has.
    public var count: Int
    /// Whether someone speaks in it.
    public var isSpeech: Bool

    /// An observation.
    public init(count: Int, isSpeech: Bool) {
        self.count = count
        self.isSpeech = isSpeech
    }
}

/// Makes a detector for each session.
public protocol VoiceActivityEngine: Sendable {
    /// The name by which settings refer to the engine.
    var name: String { get }

    /// What the engine says about itself, including whether it can be used now.
    func describe() async -> EngineDescription

    /// A detector with an empty memory. Throws `SpeechError.unavailable`.
    func makeDetector() async throws -> any VoiceActivityDetector
}

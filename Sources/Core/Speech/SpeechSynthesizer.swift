/// Turns text into speech.
public protocol SpeechSynthesizer: Sendable {
    /// The name by which settings refer to the engine.
    var name: String { get }

    /// What the engine says about itself, including whether it can be used now.
    func describe() async -> EngineDescription

    /// The voices it offers, the default first. Throws `SpeechError` when the engine is not available.
    func voices() async throws -> [Voice]

    /// Speaks one segment, a clause or a sentence. The work is done as the sound is read; cancelling the reading task
    /// stops it.
    ///
    /// The sequence throws `SpeechError`, or `CancellationError` as soon as the task is cancelled.
    func synthesize(_ segment: String, options: SynthesisOptions) -> SpeechAudio

    /// The name of the voice that speaks when none of the engine's own is asked for.
    var defaultVoice: String { get }

    /// Somebody who speaks one text, segment by segment, and does not change in the middle of it.
    func speaker(with options: SynthesisOptions) -> any TextSpeaker

    /// Gets ready, so that the first segment is not slower than others.
    func prepare() async throws
}

extension SpeechSynthesizer {
    /// That of an engine whose only voice has no name.
    public var defaultVoice: String { "default" }

    /// The engine itself, which has nobody to hand over to.
    public func speaker(with options: SynthesisOptions) -> any TextSpeaker {
        EngineSpeaker(engine: self, options: options)
    }
}

/// How to speak.
public struct SynthesisOptions: Sendable, Equatable {
    /// The speeds that may be asked for; 1 is the voice's natural speed. Beyond 2, engines come as close as they can.
    public static let speeds: ClosedRange<Double> = 0.25...4

    /// The voice; nil, or a voice of another engine, means the engine's default.
    public var voice: Voice?
    /// How fast to speak, relative to the voice's natural speed.
    public let speed: Double
    /// Whether another engine, with a voice of its own, may speak when that of `voice` cannot. Not so for a voice that
    /// somebody asked for by name.
    public var mayReplaceVoice: Bool

    /// Options. Throws `SpeechError.speedOutOfRange` when `speed` is not in `speeds`.
    public init(voice: Voice? = nil, speed: Double = 1, mayReplaceVoice: Bool = true) throws(SpeechError) {
        guard Self.speeds.contains(speed) else { throw SpeechError.speedOutOfRange(speed) }
        self.voice = voice
        self.speed = speed
        self.mayReplaceVoice = mayReplaceVoice
    }

    /// The default voice at its natural speed.
    public static let standard = SynthesisOptions()

    private init() {
        voice = nil
        speed = 1
        mayReplaceVoice = true
    }
}

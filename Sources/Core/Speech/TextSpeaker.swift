/// Speaks the segments of one text, all of them with the same voice of the same engine.
public protocol TextSpeaker: Sendable {
    /// Who speaks; nil as long as that is open, which it is at the latest until the first sound.
    var speaker: Speaker? { get }

    /// Speaks a segment, as `SpeechSynthesizer.synthesize` does. The next one is begun when this one has ended.
    func speak(_ segment: String) -> SpeechAudio
}

/// Who speaks: a voice and its engine.
public struct Speaker: Sendable, Equatable {
    /// The engine, such as `piper`.
    public let engine: String
    /// The voice's name within the engine, such as `joe`.
    public let voice: String

    /// The name by which callers choose the voice: engine and name with a slash between them.
    public var id: String { "\(engine)/\(voice)" }

    /// A voice of an engine.
    public init(engine: String, voice: String) {
        self.engine = engine
        self.voice = voice
    }

    /// The voice that `engine` speaks with when `options` are what is asked of it.
    init(_ engine: any SpeechSynthesizer, _ options: SynthesisOptions) {
        let wanted = options.voice.flatMap { $0.engine == engine.name ? $0.name : nil }
        self.init(engine: engine.name, voice: wanted ?? engine.defaultVoice)
    }
}

/// One engine as speaker.
struct EngineSpeaker<Engine: SpeechSynthesizer>: TextSpeaker {
    let engine: Engine
    let options: SynthesisOptions

    var speaker: Speaker? { Speaker(engine, options) }

    func speak(_ segment: String) -> SpeechAudio {
        engine.synthesize(segment, options: options)
    }
}

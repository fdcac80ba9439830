public import Dialogue
public import Events
public import Speech

/// The engines and rules that a session works with.
public struct SessionParts: Sendable {
    /// Tells speech from silence.
    public var voiceActivity: any VoiceActivityEngine
    /// Turns speech into text.
    public var recognizer: any SpeechRecognizer
    /// Answers.
    public var responder: any Responder
    /// Speaks the answers, or has them spoken.
    public var output: any SpeechOutput
    /// Runs the tools that the responder calls; nil leaves that to those who read the session.
    public var tools: (any ToolRunner)?
    /// Surrounds each turn; the first is outermost.
    public var middleware: [any TurnMiddleware]
    /// The BCP 47 tag of the language spoken; nil leaves it to the recogniser.
    public var language: String?
    /// The sample rate of the answers' sound in Hz; nil means that of the synthesiser's first sound.
    public var outputSampleRate: Int?
    /// Where others may follow what happens; nil if nobody may.
    public var events: EventHub?
    /// Keeps what is said and what happens; nil if that is not recorded. The session ends the recording.
    public var recorder: SessionRecorder?

    /// The parts of a session.
    public init(
        voiceActivity: any VoiceActivityEngine,
        recognizer: any SpeechRecognizer,
        responder: any Responder,
        output: any SpeechOutput,
        tools: (any ToolRunner)? = nil,
        middleware: [any TurnMiddleware] = [],
        language: String? = nil,
        outputSampleRate: Int? = nil,
        events: EventHub? = nil,
        recorder: SessionRecorder? = nil
    ) {
        self.voiceActivity = voiceActivity
        self.recognizer = recognizer
        self.responder = responder
        self.output = output
        self.tools = tools
        self.middleware = middleware
        self.language = language
        self.outputSampleRate = outputSampleRate
        self.events = events
        self.recorder = recorder
    }
}

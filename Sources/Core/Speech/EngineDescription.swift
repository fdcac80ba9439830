/// What an engine says about itself.
public struct EngineDescription: Sendable, Equatable {
    /// What an engine does.
    public enum Role: String, Sendable, Codable {
        /// Speech to text.
        case recognizer
        /// Text to speech.
        case synthesizer
        /// Tells speech from silence.
        case voiceActivity
    }

    /// Whether an engine can be used now.
    public enum Availability: Sendable, Equatable {
        /// It can.
        case available
        /// It cannot; `reason` says why and what to do about it.
        case unavailable(reason: String)
    }

    /// The name by which settings refer to the engine, such as `piper`.
    public var name: String
    /// What it does.
    public var role: Role
    /// The version of its code or model, nil when that is known only to a remote server.
    public var version: String?
    /// The licence of code and model.
    public var licence: String
    /// BCP 47 tags of the languages it handles; empty when that is known only to a remote server.
    public var languages: [String]
    /// The sample rate, in Hz, that it takes or makes; nil when it takes any.
    public var sampleRate: Int?
    /// Whether it can be used now.
    public var availability: Availability

    /// A description.
    public init(
        name: String,
        role: Role,
        version: String?,
        licence: String,
        languages: [String],
        sampleRate: Int?,
        availability: Availability
    ) {
        self.name = name
        self.role = role
        self.version = version
        self.licence = licence
        self.languages = languages
        self.sampleRate = sampleRate
        self.availability = availability
    }
}

extension [EngineDescription] {
    /// Whether a voice can be used: not when its engine is among these and says that it cannot be.
    public func canSpeak(_ voice: Voice) -> Bool {
        !contains { $0.role == .synthesizer && $0.name == voice.engine && $0.availability != .available }
    }
}

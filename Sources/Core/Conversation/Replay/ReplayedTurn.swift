/// What a policy makes of one utterance in recorded sound.
public struct ReplayedTurn: Sendable, Equatable, Codable {
    /// What became of the answer that the user spoke over.
    public enum Overlap: String, Sendable, Codable {
        /// It went on; the user only listened.
        case resumed
        /// It ended.
        case interrupted
    }

    /// When speech began, in milliseconds of the recording.
    public var startMs: Double
    /// When it ended.
    public var endOfSpeechMs: Double
    /// When the turn counted as over.
    public var endpointMs: Double
    /// What was said.
    public var transcript: String
    /// Whether the user was cut off: speech went on within a second behind the end of the turn.
    public var isCutOff = false
    /// What became of an answer that was being played; nil if none was.
    public var overlap: Overlap?
    /// Whether an answer ended though the user only listened or made a sound.
    public var isFalseInterruption = false

    /// The silence between the end of speech and the end of the turn, in milliseconds.
    public var silenceMs: Double { endpointMs - endOfSpeechMs }

    enum CodingKeys: String, CodingKey {
        case transcript, overlap
        case startMs = "start_ms"
        case endOfSpeechMs = "end_of_speech_ms"
        case endpointMs = "endpoint_ms"
        case isCutOff = "cut_off"
        case isFalseInterruption = "false_interruption"
    }
}

/// The turns of a recording, and what they come to.
public struct ReplayedTurns: Sendable, Equatable, Codable {
    /// The turns.
    public var turns: [ReplayedTurn]

    /// How often the user was cut off.
    public var cutOffs: Int { turns.count(where: \.isCutOff) }
    /// How often an answer ended though the user only listened.
    public var falseInterruptions: Int { turns.count(where: \.isFalseInterruption) }

    /// The silence after which turns ended, in milliseconds: that which the part `share` of all turns did not exceed; nil
    /// without turns. Turns in which the user only listened are left out.
    public func silence(_ share: Double) -> Double? {
        let silences = turns.filter { $0.overlap != .resumed }.map(\.silenceMs).sorted()
        guard !silences.isEmpty else { return nil }
        return silences[min(silences.count - 1, Int((Double(silences.count) * share).rounded(.down)))]
    }
}

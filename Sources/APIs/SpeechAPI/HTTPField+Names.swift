import HTTPTypes
import Serving

extension HTTPField.Name {
    /// Seconds until the first byte of an answer.
    static let xProcessingTime = constant("x-processing-time")
    /// The session that a spoken turn was stored as.
    static let xSessionID = constant("x-session-id")
    /// What was understood of a recording.
    static let xTranscription = constant("x-transcription")
}

public import Storage

extension Turn {
    /// What a turn that goes on is doing.
    public enum Phase: String, Sendable, Codable {
        /// The utterance is over, its transcript not yet known.
        case transcribing
        /// The responder has been asked and no sound has been made.
        case thinking
        /// There is sound to be heard.
        case speaking
    }
}

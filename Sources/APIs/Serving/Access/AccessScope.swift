/// A part of the server that an API key may be for.
public enum AccessScope: String, Sendable, CaseIterable {
    /// Recognition, synthesis, spoken turns, voices and engines.
    case speech
    /// Answers to texts.
    case chat
    /// Topics, and the tokens that open them.
    case events
    /// Counts and times for Prometheus.
    case metrics
    /// The settings, to look at.
    case configuration
    /// What changes or burdens the server for everybody.
    case administration
}

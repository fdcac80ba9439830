/// The wire protocols that a listener can serve.
public enum APIName: String, Sendable, CaseIterable {
    /// Conversations, sessions and skills.
    case orchestrator
    /// The audio and chat interface that OpenAI's clients speak.
    case openai
    /// Keys, settings and maintenance.
    case admin
    /// The view of one conversation that overlays and bots use.
    case gateway
    /// Recognition, synthesis and spoken turns.
    case speech
    /// Topics with history.
    case events
}

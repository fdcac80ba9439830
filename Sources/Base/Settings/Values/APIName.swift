/// The wire protocols that a listener can serve. A case is all that settings, schema, options and documentation need to
/// know of one; it is served in the program's `ServerProcess`.
public enum APIName: String, Sendable, CaseIterable {
    /// The audio and chat interface that OpenAI's clients speak.
    case openai
    /// Recognition, synthesis and spoken turns.
    case speech
    /// Topics with history.
    case events
}

/// What may be done with a topic.
public enum TopicAction: String, Sendable, CaseIterable {
    /// Put messages and state into it.
    case publish
    /// Get its messages, history and state.
    case subscribe
    /// Be a member of it, and see who is.
    case presence
}

/// Who answers a spoken turn.
enum Replier: String, Sendable, CaseIterable {
    /// The responders of the settings, unless the request asks for another.
    case assistant
    /// Says what it heard.
    case echo
}

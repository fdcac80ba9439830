/// Why something was not published.
public enum PublishError: Error, Sendable {
    /// The topic cannot be made.
    case topic(TopicError)
    /// The draft is not well-formed.
    case draft(DraftError)
    /// The topic's keyed state has no room for another entry.
    case stateFull(StateLimit)
    /// More waits to be stored or sent to other nodes than there is room for.
    case busy
    /// It could not be stored; why stands in the log.
    case notStored
    /// The hub has been stopped.
    case stopped
}

extension PublishError: CustomStringConvertible {
    /// One sentence for people.
    public var description: String {
        switch self {
        case .topic(let error): error.description
        case .draft(let error): error.description
        case .stateFull(let limit): limit.description
        case .busy: "Too much waits to be published; try again later."
        case .notStored: "The message could not be stored; try again later."
        case .stopped: "The server is shutting down."
        }
    }
}

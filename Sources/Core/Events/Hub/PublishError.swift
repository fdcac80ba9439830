/// Why something was not published.
public enum PublishError: Error, Sendable {
    /// The topic cannot be made.
    case topic(TopicError)
    /// The draft is not well-formed.
    case draft(DraftError)
    /// There is no room for another entry in the topic's keyed state, or in that of all topics.
    case stateFull(StateLimit)
    /// The payload has more bytes than this, the most that servers of a cluster tell each other.
    case tooLarge(limit: Int)
    /// More waits to be stored or sent to other nodes than there is room for.
    case busy
    /// It could not be stored; why stands in the log.
    case notStored
    /// There is no room left where it would be stored.
    case noSpace
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
        case .tooLarge(let limit): ClusterError.tooLarge(limit: limit).description
        case .busy: "Too much waits to be published; try again later."
        case .notStored: "The message could not be stored; try again later."
        case .noSpace: "There is no room left to store the message; the server's operator has to make some."
        case .stopped: "The server is shutting down."
        }
    }
}

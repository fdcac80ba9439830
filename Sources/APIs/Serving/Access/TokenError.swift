/// Why a connection token is not accepted or not made.
public enum TokenError: Error, Sendable, Equatable {
    /// It is not a token that this server made.
    case notAToken
    /// It was made in the future.
    case notYetValid
    /// Its time is over.
    case expired
    /// The API key it was made with is not valid any more.
    case keyIsGone
    /// The API key it was to be made with is not for events.
    case keyIsNotForEvents
    /// It would allow nothing, since the API key allows nothing of what it was to.
    case allowsNothing
    /// It would be longer than `limit` bytes.
    case tooLong(limit: Int)
    /// It would be valid for less than a second or for more than a day.
    case lifetimeOutOfRange
}

extension TokenError: CustomStringConvertible {
    /// One sentence that names what is wrong and what to do about it.
    public var description: String {
        switch self {
        case .notAToken: "The connection token is not one of this server; ask POST /auth/token for one."
        case .notYetValid: "The connection token was made in the future; set the clock of the machine right."
        case .expired: "The connection token has expired; ask POST /auth/token for a new one."
        case .keyIsGone: "The API key that the connection token was made with is not valid any more; use another key."
        case .keyIsNotForEvents:
            "The API key is not for events; make one that is with antiphon keys add NAME --scope events."
        case .allowsNothing: "The API key allows none of the topics asked for; ask for topics that it allows."
        case .tooLong(let limit): "The connection token would exceed \(limit) bytes; ask for fewer or shorter patterns."
        case .lifetimeOutOfRange: "A connection token is valid for 1 to 86400 seconds; choose a time in that range."
        }
    }
}

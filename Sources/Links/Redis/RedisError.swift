/// Why a command has no result, or a connection ended.
public enum RedisError: Error, Equatable, CustomStringConvertible {
    /// There is no connection at the moment; the client is trying to make one.
    case notConnected
    /// Too many commands or bytes wait for their replies; the limit that was passed.
    case busy(limit: Int)
    /// No reply in time. The command may have been carried out.
    case timedOut(command: String, after: Duration)
    /// The connection ended before the reply. The command may have been carried out.
    case connectionClosed(reason: String)
    /// The connection could not be made.
    case connectFailed(reason: String)
    /// The server refused the user or password.
    case authenticationFailed(reason: String)
    /// The server answered with this error: a code, a space, a sentence.
    case server(String)
    /// The server sent what is not the Redis protocol or more than the limits allow.
    case badReply(String)
    /// The task that waited was cancelled. The command may have been carried out.
    case cancelled
    /// The address of the server cannot be used.
    case badAddress(String)

    /// What happened, in one sentence.
    public var description: String {
        switch self {
        case .notConnected: "There is no connection to Redis at the moment; try again when it has returned."
        case .busy(let limit): "More than \(limit) commands or bytes already wait for Redis; send fewer at once."
        case .timedOut(let command, let time): "Redis did not answer \(command) within \(time); check its load."
        case .connectionClosed(let reason): "The connection to Redis ended: \(reason)"
        case .connectFailed(let reason): "Redis cannot be reached: \(reason)"
        case .authenticationFailed(let reason): "Redis refused the user or password; correct them in its URL: \(reason)"
        case .server(let message): "Redis answered with an error: \(message)"
        case .badReply(let message): message
        case .cancelled: "The wait for Redis was cancelled."
        case .badAddress(let message): message
        }
    }

    /// The code of an error answer, such as `NOSCRIPT` or `WRONGTYPE`; nil for other errors.
    public var code: String? {
        guard case .server(let message) = self else { return nil }
        return message.split(separator: " ", maxSplits: 1).first.map(String.init)
    }
}

/// Why a cluster did not take a publication.
public enum ClusterError: Error, Equatable, CustomStringConvertible {
    /// So many publications already wait for Redis.
    case busy(limit: Int)
    /// The payload has more bytes than nodes may tell each other.
    case tooLarge(limit: Int)
    /// The node is stopping.
    case stopped

    /// What happened, in one sentence.
    public var description: String {
        switch self {
        case .busy(let limit): "Redis is slow and \(limit) publications already wait for it; publish again later."
        case .tooLarge(let limit): "In a cluster a message may have \(limit) bytes; publish less data."
        case .stopped: "The node is stopping; publish through another one."
        }
    }
}

/// Why a cluster did not take a publication.
public enum ClusterError: Error, Equatable, CustomStringConvertible {
    /// So many publications already wait for Redis.
    case busy(limit: Int)
    /// The node is stopping.
    case stopped

    /// What happened, in one sentence.
    public var description: String {
        switch self {
        case .busy(let limit): "Redis is slow and \(limit) publications already wait for it; publish again later."
        case .stopped: "The node is stopping; publish through another one."
        }
    }
}

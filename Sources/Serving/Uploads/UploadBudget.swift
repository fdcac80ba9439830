import HTTPTypes
import Synchronization

/// The memory that uploads being received may take together, so that many at once are refused and not all lost.
public final class UploadBudget: Sendable {
    private let limit: Int
    private let used = Mutex(0)

    /// Room for `limit` bytes.
    public init(limit: Int) {
        self.limit = limit
    }

    /// Takes `count` bytes of room. Throws `APIFailure` (503) when there is not so much.
    public func take(_ count: Int) throws(APIFailure) {
        let isTaken = used.withLock { used in
            guard used + count <= limit else { return false }
            used += count
            return true
        }
        guard isTaken else {
            var failure = APIFailure(
                .serviceUnavailable,
                .overloaded,
                "Too much is being uploaded at once; try again in a moment."
            )
            failure.retryAfter = .seconds(1)
            throw failure
        }
    }

    /// Gives `count` bytes of room back.
    public func giveBack(_ count: Int) {
        used.withLock { $0 -= count }
    }
}

import HTTPTypes
import Synchronization

/// The memory that one kind of data may take in all requests together, so that of many at once some are refused and not
/// all lost.
public final class ByteBudget: Sendable {
    /// What the data are.
    public enum Purpose: Sendable {
        /// Uploads being received.
        case uploads
        /// Recordings that were decoded.
        case recordings
    }

    private let limit: Int
    private let purpose: Purpose
    private let used = Mutex(0)

    /// Room for `limit` bytes.
    public init(limit: Int, for purpose: Purpose) {
        self.limit = limit
        self.purpose = purpose
    }

    /// How many bytes of room are taken.
    public var taken: Int { used.withLock { $0 } }

    /// A share that has no room yet.
    func share() -> Share { Share(of: self) }

    private func take(_ count: Int) throws(APIFailure) {
        let isTaken = used.withLock { used in
            guard used + count <= limit else { return false }
            used += count
            return true
        }
        guard isTaken else {
            let message =
                switch purpose {
                case .uploads: "Too much is being uploaded at once; try again in a moment."
                case .recordings: "Too many long recordings are being worked on at once; try again in a moment."
                }
            var failure = APIFailure(.serviceUnavailable, .overloaded, message)
            failure.retryAfter = .seconds(1)
            throw failure
        }
    }

    /// The room that one request has taken; given back when the share is let go.
    final class Share: Sendable {
        private let budget: ByteBudget
        private let count = Mutex(0)

        fileprivate init(of budget: ByteBudget) {
            self.budget = budget
        }

        /// Takes `count` bytes more. Throws `APIFailure` (503) when there is not so much room.
        func take(_ count: Int) throws(APIFailure) {
            try budget.take(count)
            self.count.withLock { $0 += count }
        }

        /// How many bytes the share has.
        var taken: Int { count.withLock { $0 } }

        deinit {
            let count = count.withLock { $0 }
            budget.used.withLock { $0 -= count }
        }
    }
}

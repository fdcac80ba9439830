import HTTPTypes
import Synchronization

/// The memory that uploads may take in all requests together while they are received, so that of many at once some are
/// refused and not all lost.
public final class ByteBudget: Sendable {
    private let ledger: Mutex<ByteLedger<ObjectIdentifier>>

    /// Room for `limit` bytes.
    public init(limit: Int) {
        ledger = Mutex(ByteLedger(limit: limit))
    }

    /// How many bytes of room are taken.
    public var taken: Int { ledger.withLock { $0.taken } }

    /// A share that has no room yet. `refusal` tells clients that there is no more.
    func share(refusal: String = "Too much is being uploaded at once; try again later.") -> Share {
        Share(of: self, refusal: refusal)
    }

    /// The room that one request has taken; given back when the share is let go.
    final class Share: Sendable {
        private let budget: ByteBudget
        private let count = Mutex(0)

        private let refusal: String

        fileprivate init(of budget: ByteBudget, refusal: String) {
            self.budget = budget
            self.refusal = refusal
        }

        /// Takes `count` bytes more. Throws `APIFailure` (503) when there is not so much room.
        func take(_ count: Int) throws(APIFailure) {
            let id = ObjectIdentifier(self)
            if let wait = budget.ledger.withLock({ $0.take(count, for: id, at: .now) }) {
                var failure = APIFailure(.serviceUnavailable, .overloaded, refusal)
                failure.retryAfter = wait
                throw failure
            }
            self.count.withLock { $0 += count }
        }

        /// How many bytes the share has.
        var taken: Int { count.withLock { $0 } }

        deinit {
            let id = ObjectIdentifier(self)
            budget.ledger.withLock { $0.giveBack(id, at: .now) }
        }
    }
}

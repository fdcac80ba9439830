import HTTPTypes
import NIOCore
import Resilience
import Serving
import Synchronization
import WebSocket

/// How much each client sends, over all its connections and by HTTP together.
final class ClientRates: Sendable {
    /// Whose sending is counted together.
    enum Payer: Hashable, Sendable {
        /// The key or token of this id.
        case credential(String)
        /// Whoever comes from this address without a key.
        case address(String)

        /// Who sends the request, or will send on the WebSocket that it asks for.
        init(_ context: ServingContext) {
            if let credential = context.identity.credential {
                self = .credential(credential)
            } else {
                self = .address(context.clientAddress)
            }
        }
    }

    /// The clients that are remembered; those beyond share one limit.
    private static let capacity = 65_536

    /// What each client may send.
    let rates: RateLimit.Rates
    private let table: Mutex<RateTable<Payer>>

    init(_ rates: RateLimit.Rates) {
        self.rates = rates
        table = Mutex(RateTable(rates, capacity: Self.capacity, now: Self.now))
    }

    private static var now: Int64 { Int64(clamping: NIODeadline.now().uptimeNanoseconds) }

    /// Counts what a request publishes. Throws `APIFailure` (429) if the client sends too much.
    func require(_ usage: WebSocketUsage, of payer: Payer) throws(APIFailure) {
        let verdict = table.withLock {
            $0.take(messages: usage.messages, bytes: usage.bytes, of: payer, at: Self.now)
        }
        guard case .refused(let excess, let wait) = verdict else { return }
        var failure = APIFailure(.tooManyRequests, .rateLimited, explanation(of: excess) + " Try again later.")
        failure.retryAfter = wait
        throw failure
    }

    /// Counts what a connection has sent, and returns how long it has to wait if the client's connections together send too
    /// much. One that sends too much by itself is closed before.
    func reserve(_ usage: WebSocketUsage, of payer: Payer) -> Duration {
        table.withLock { $0.reserve(messages: usage.messages, bytes: usage.bytes, of: payer, at: Self.now) }
    }

    /// A sentence for a client that has sent too much.
    func explanation(of excess: RateLimit.Excess) -> String {
        switch excess {
        case .messages: "You send more than \(rates.messages) messages a second."
        case .bytes: "You send more than \(rates.bytes) bytes a second."
        }
    }
}

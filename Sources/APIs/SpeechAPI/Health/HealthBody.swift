import Foundation
import Synchronization

/// The part of `/health` that is the same for all requests of a second.
final class HealthBody: Sendable {
    private struct Prepared {
        let bytes: [UInt8]
        let timestamp: String
        let isReady: Bool
        let end: ContinuousClock.Instant
    }

    private let prepared = Mutex<Prepared?>(nil)

    /// The bytes and the time at which they were made; `make` makes them anew when they are old, or when the server has
    /// become ready or begun to drain.
    func current(isReady: Bool, _ make: () -> [UInt8]) -> (bytes: [UInt8], timestamp: String) {
        let now = ContinuousClock.now
        if let last = prepared.withLock({ $0 }), now < last.end, last.isReady == isReady {
            return (last.bytes, last.timestamp)
        }
        let new = Prepared(
            bytes: make(),
            timestamp: Date.now.ISO8601Format(),
            isReady: isReady,
            end: now + .seconds(1)
        )
        prepared.withLock { $0 = new }
        return (new.bytes, new.timestamp)
    }
}

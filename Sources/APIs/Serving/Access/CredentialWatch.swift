import Foundation
public import ServiceLifecycle
public import Storage
import Synchronization

/// Tells live connections when their credentials expire or are revoked.
///
/// Runs as a service; it also keeps the API keys in step with the database, which other processes may change.
public final class CredentialWatch: Service {
    /// The registration of a connection.
    public struct Registration: Sendable {
        fileprivate let watch: CredentialWatch
        /// Nil where there is nothing that could end.
        fileprivate let id: ExpiryQueue.ID?

        /// The connection is gone; it is not told any more. A second call does nothing.
        public func cancel() {
            if let id { _ = watch.state.withLock { $0.remove(id) } }
        }
    }

    private struct Entry {
        var key: String?
        var deadline: ContinuousClock.Instant?
        var onEnd: @Sendable (CredentialEnd) -> Void
    }

    private struct State {
        private(set) var entries: [ExpiryQueue.ID: Entry] = [:]
        private(set) var byKey: [String: Set<ExpiryQueue.ID>] = [:]
        var expiries = ExpiryQueue()
        private var nextID: ExpiryQueue.ID = 0

        mutating func insert(_ entry: Entry) -> ExpiryQueue.ID {
            let id = nextID
            nextID += 1
            entries[id] = entry
            if let key = entry.key { byKey[key, default: []].insert(id) }
            if let deadline = entry.deadline { expiries.insert(id, at: deadline) }
            return id
        }

        mutating func remove(_ id: ExpiryQueue.ID) -> Entry? {
            guard let entry = entries.removeValue(forKey: id) else { return nil }
            if let key = entry.key {
                byKey[key]?.remove(id)
                if byKey[key]?.isEmpty == true { byKey[key] = nil }
            }
            if let deadline = entry.deadline { expiries.remove(id, at: deadline) }
            return entry
        }
    }

    private let keys: APIKeyStore?
    private let revocations: AsyncStream<APIKeyRecord.ID>?
    private let state = Mutex(State())

    /// A watch over credentials that hang on `keys`; nil on a server that asks nobody for a key.
    public init(keys: APIKeyStore?) {
        self.keys = keys
        revocations = keys?.revocations()
    }

    /// The number of connections that would be told.
    public var count: Int { state.withLock { $0.entries.count } }

    /// Has `onEnd` called once when the credentials end, unless the registration is cancelled before; from any thread,
    /// and perhaps before this returns. It must not block.
    public func add(_ identity: Identity, onEnd: @escaping @Sendable (CredentialEnd) -> Void) -> Registration {
        guard identity.key != nil || identity.expiry != nil else { return Registration(watch: self, id: nil) }
        let deadline = identity.expiry.map { ContinuousClock.now + .seconds($0.timeIntervalSinceNow) }
        let id = state.withLock { $0.insert(Entry(key: identity.key, deadline: deadline, onEnd: onEnd)) }
        // A key that was revoked since the identity was established is not reported again.
        if let key = identity.key, let keys, keys.validKey(key) == nil {
            let isExpired = identity.expiry.map { $0 <= Date() } ?? false
            state.withLock { $0.remove(id) }?.onEnd(isExpired ? .expired : .revoked)
        }
        return Registration(watch: self, id: id)
    }

    /// Watches until the server shuts down.
    public func run() async throws {
        guard let keys, let revocations else {
            try? await gracefulShutdown()
            return
        }
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask { await keys.watch() }
                group.addTask { for await key in revocations { self.end(key: key) } }
                group.addTask { await self.watchExpiries() }
            }
        }
    }

    /// Ends what hangs on a key that was revoked.
    func end(key: APIKeyRecord.ID) {
        let ended = state.withLock { state in (state.byKey[key] ?? []).sorted().compactMap { state.remove($0) } }
        for entry in ended { entry.onEnd(.revoked) }
    }

    /// Ends what is expired at `now`; returns the next deadline.
    func endExpired(now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        let (ended, next) = state.withLock { state in
            (state.expiries.takeDue(now: now).compactMap { state.remove($0) }, state.expiries.next)
        }
        for entry in ended { entry.onEnd(.expired) }
        return next
    }

    private func watchExpiries() async {
        while !Task.isCancelled {
            let now = ContinuousClock.now
            let next = endExpired(now: now)
            // A deadline that is added meanwhile may come before the next one, so the wait is short in any case.
            let wake = min(next ?? now + .seconds(1), now + .seconds(1))
            try? await Task.sleep(until: wake, clock: .continuous)
        }
    }
}

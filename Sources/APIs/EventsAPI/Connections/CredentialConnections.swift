import Events
import Synchronization

/// The connections that were opened with each key or token, the oldest first.
final class CredentialConnections: Sendable {
    private struct Entry {
        let id: ConnectionID
        let replace: @Sendable () -> Void
    }

    private let limit: Int
    private let connections = Mutex<[String: [Entry]]>([:])

    init(limit: Int) {
        self.limit = limit
    }

    /// Takes a connection in; `replace` is called when a newer one takes its place.
    func add(_ id: ConnectionID, credential: String, replace: @escaping @Sendable () -> Void) {
        let replaced: Entry? = connections.withLock { connections in
            var entries = connections[credential] ?? []
            let replaced = entries.count >= limit ? entries.removeFirst() : nil
            entries.append(Entry(id: id, replace: replace))
            connections[credential] = entries
            return replaced
        }
        replaced?.replace()
    }

    /// A connection is gone.
    func remove(_ id: ConnectionID, credential: String) {
        connections.withLock { connections in
            connections[credential]?.removeAll { $0.id == id }
            if connections[credential]?.isEmpty == true { connections[credential] = nil }
        }
    }
}

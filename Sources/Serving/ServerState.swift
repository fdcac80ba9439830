import Synchronization

/// Whether the server takes requests.
public final class ServerState: Sendable {
    private let draining = Atomic(false)
    private let ready = Atomic(false)
    /// When the server was started.
    public let start = ContinuousClock.now

    /// A server that is not ready yet.
    public init() {}

    /// Whether it is listening and not on its way out.
    public var isReady: Bool { ready.load(ordering: .acquiring) && !isDraining }
    /// Whether it finishes what it has begun and takes nothing new.
    public var isDraining: Bool { draining.load(ordering: .acquiring) }
    /// Seconds since the start.
    public var uptime: Double {
        let components = (ContinuousClock.now - start).components
        return Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }

    /// The listeners are up.
    public func becomeReady() { ready.store(true, ordering: .releasing) }
    /// The server has been told to stop.
    public func beginDraining() { draining.store(true, ordering: .releasing) }
}

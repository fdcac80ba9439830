import Synchronization

/// Whether the server takes requests.
public final class ServerState: Sendable {
    private let draining = Atomic(false)
    private let listening = Atomic(false)
    private let loading: Atomic<Bool>
    /// When the server was started.
    public let start = ContinuousClock.now

    /// A server that is not ready yet; one that loads its engines is so when they are loaded, too.
    public init(loadsEngines: Bool = false) {
        loading = Atomic(loadsEngines)
    }

    /// Whether it is listening, has loaded what it loads at the start, and is not on its way out.
    public var isReady: Bool {
        listening.load(ordering: .acquiring) && !loading.load(ordering: .acquiring) && !isDraining
    }
    /// Whether it finishes what it has begun and takes nothing new.
    public var isDraining: Bool { draining.load(ordering: .acquiring) }
    /// Seconds since the start.
    public var uptime: Double {
        let components = (ContinuousClock.now - start).components
        return Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }

    /// The listeners are up.
    public func becomeReady() { listening.store(true, ordering: .releasing) }
    /// The engines are loaded, as far as they can be.
    public func enginesAreLoaded() { loading.store(false, ordering: .releasing) }
    /// The server has been told to stop.
    public func beginDraining() { draining.store(true, ordering: .releasing) }
}

import Synchronization

/// Tells work on a thread of its own that its result is no longer wanted.
public final class CancellationFlag: Sendable {
    private let cancelled = Atomic(false)

    /// A flag that is not set.
    public init() {}

    /// Whether it is set.
    public var isCancelled: Bool { cancelled.load(ordering: .acquiring) }

    /// Sets it.
    public func cancel() { cancelled.store(true, ordering: .releasing) }
}

/// How long a training goes on, judged by how long it took so far.
public struct TrainingEstimate: Sendable, Equatable {
    /// When the training began.
    public let start: ContinuousClock.Instant

    /// The estimate for a training that began at `start`.
    public init(start: ContinuousClock.Instant) {
        self.start = start
    }

    /// The seconds left at a progress of 0 to 1; nil when nothing can be said yet.
    public func secondsRemaining(at progress: Double, now: ContinuousClock.Instant) -> Double? {
        guard progress > 0, progress.isFinite else { return nil }
        let elapsed = max(.zero, now - start) / .seconds(1)
        let remaining = elapsed / min(progress, 1) - elapsed
        return remaining.isFinite ? remaining : nil
    }
}

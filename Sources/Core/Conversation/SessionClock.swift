/// The time, as sessions take it: handed in, so that what waits for hours can be tested at once.
public struct SessionClock: Sendable {
    /// The present moment.
    public let now: @Sendable () -> ContinuousClock.Instant
    /// Waits until a moment. Throws `CancellationError` when the task is cancelled.
    public let sleep: @Sendable (ContinuousClock.Instant) async throws -> Void

    /// The computer's clock.
    public static let system = SessionClock(
        now: { .now },
        sleep: { try await Task.sleep(until: $0, clock: .continuous) }
    )

    /// A clock of the caller's.
    public init(
        now: @escaping @Sendable () -> ContinuousClock.Instant,
        sleep: @escaping @Sendable (ContinuousClock.Instant) async throws -> Void
    ) {
        self.now = now
        self.sleep = sleep
    }
}

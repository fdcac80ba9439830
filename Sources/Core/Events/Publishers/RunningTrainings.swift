/// The trainings that a publisher knows to be running, with the time at which each began.
struct RunningTrainings: Sendable {
    private var estimates: [String: TrainingEstimate] = [:]
    private let limit: Int

    var count: Int { estimates.count }

    /// At most `limit` trainings are known; the one that began first makes room for another.
    init(limit: Int = 10_000) {
        self.limit = max(1, limit)
    }

    /// A training begins, or begins again.
    mutating func start(_ session: String, now: ContinuousClock.Instant) {
        if estimates[session] == nil, estimates.count >= limit,
            let oldest = estimates.min(by: { $0.value.start < $1.value.start })
        {
            estimates[oldest.key] = nil
        }
        estimates[session] = TrainingEstimate(start: now)
    }

    /// The seconds that a training has left; nil when that is unknown.
    func secondsRemaining(of session: String, at progress: Double, now: ContinuousClock.Instant) -> Double? {
        estimates[session]?.secondsRemaining(at: progress, now: now)
    }

    /// A training is over.
    mutating func end(_ session: String) {
        estimates[session] = nil
    }
}

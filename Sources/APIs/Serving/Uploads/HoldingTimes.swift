/// How long something is held, as measured: by those that have given it back and those that still have it.
struct HoldingTimes: Sendable {
    /// A moving average over about eight of those that have given it back; nil before the first has.
    private var mean: Duration?

    /// Takes note that something was given back after `time`.
    mutating func ended(after time: Duration) {
        mean = mean.map { $0 + (time - $0) / 8 } ?? time
    }

    /// How long until `count` of those that hold it will have given it back, where `held` is how long each has had it.
    ///
    /// While `n` hold it for a time `t` each, one gives it back every `t / n`. What is held longer than usual says that
    /// things take longer now.
    func wait(for count: Int, held: [Duration]) -> Duration {
        guard !held.isEmpty else { return mean ?? .zero }
        let present = held.reduce(.zero, +) / held.count
        return max(mean ?? .zero, present) * count / held.count
    }
}

import Glibc

/// What publishing for a while brought.
struct Measurement: Encodable {
    var outstanding: Int?
    var seconds = 0.0
    var publications = 0
    var deliveries = 0
    var lost = 0
    var duplicates = 0
    var closed = 0
    /// Whether deliveries stopped altogether.
    var stopped = false
    /// The server's time on the processor.
    var serverSeconds = 0.0
    /// The share of the time in which the load had something to do; near 1 it was the bottleneck.
    var clientBusy = 0.0
    var p50 = 0.0
    var p99 = 0.0
    var p999 = 0.0
}

extension LoadGenerator {
    /// Publishes with `outstanding` messages on their way, `warmUp` seconds for nothing and then until `seconds` have
    /// passed or, if a number is given, `messages` were published. Then waits for what is still to come.
    mutating func run(
        outstanding window: Int,
        warmUp: Double,
        seconds: Double,
        messages: Int? = nil
    ) throws -> Measurement {
        counts = Counts()
        _ = try keep(window, until: monotonicNow() + UInt64(warmUp * 1e9), publications: .max)
        let before = snapshot()
        counts.deliveries = 0
        latency.reset()
        var result = Measurement(outstanding: window)
        let limit = messages.map { published + $0 } ?? .max
        result.stopped = try !keep(window, until: before.time + UInt64(seconds * 1e9), publications: limit)
        fill(&result, since: before)
        if !result.stopped { result.stopped = try !drain() }
        result.lost = counts.lost
        result.duplicates = counts.duplicates
        result.closed = counts.closed
        return result
    }

    struct Snapshot {
        let time = monotonicNow()
        let busy: UInt64
        let server: ProcessUsage
        let published: Int
    }

    func snapshot() -> Snapshot {
        Snapshot(busy: busy, server: target.usage, published: published)
    }

    /// Puts into `result` what was counted since `before`.
    func fill(_ result: inout Measurement, since before: Snapshot) {
        let now = snapshot()
        result.seconds = Double(now.time - before.time) / 1e9
        result.publications = now.published - before.published
        result.deliveries = counts.deliveries
        result.serverSeconds = now.server.cpuSeconds - before.server.cpuSeconds
        result.clientBusy = Double(now.busy - before.busy) / Double(now.time - before.time)
        result.p50 = latency.percentile(0.5)
        result.p99 = latency.percentile(0.99)
        result.p999 = latency.percentile(0.999)
    }

    /// Lets the clients answer what comes, and publishes nothing.
    mutating func rest(seconds: Double) throws {
        let deadline = monotonicNow() + UInt64(seconds * 1e9)
        while monotonicNow() < deadline { try turn(timeout: 50) }
    }

    /// Keeps `window` messages on their way; false if no delivery came for too long.
    private mutating func keep(_ window: Int, until deadline: UInt64, publications limit: Int) throws -> Bool {
        var deliveries = counts.deliveries
        var moved = monotonicNow()
        while true {
            let now = monotonicNow()
            if now >= deadline || published >= limit { return true }
            if counts.deliveries != deliveries {
                deliveries = counts.deliveries
                moved = now
            } else if now > moved + target.patience {
                return false
            }
            while outstanding < window && published < limit { publish() }
            flush()
            try turn(timeout: 0)
        }
    }

    /// Waits for the messages on their way; false if they do not come.
    private mutating func drain() throws -> Bool {
        let deadline = monotonicNow() + target.patience
        while outstanding > 0 {
            if monotonicNow() > deadline { return false }
            try turn(timeout: 0)
        }
        return true
    }
}

import ArgumentParser

/// A load that stays the same for long: publications at a rate, while subscribers come and go.
struct FanoutSteady: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "steady",
        abstract: "Publish at a rate while subscribers come and go."
    )

    @OptionGroup var target: TargetOptions

    @Option(help: "Subscribers.")
    var connections = 500

    @Option(help: "Publications per second.")
    var rate = 50.0

    @Option(help: "Subscribers that leave and are replaced per second.")
    var churn = 20.0

    @Option(help: "Seconds.")
    var seconds = 60.0

    private struct Report: Encodable {
        var measurement: Measurement
        var replaced: Int
    }

    func run() throws {
        var load = try LoadGenerator(target: target)
        try load.begin(subscribers: connections)
        load.counts = .init()
        load.latency.reset()
        let before = load.snapshot()
        let end = before.time + UInt64(seconds * 1e9)
        var replaced = 0
        var sent = 0
        while monotonicNow() < end {
            let elapsed = Double(monotonicNow() - before.time) / 1e9
            while Double(sent) < elapsed * rate {
                load.publish()
                sent += 1
            }
            load.flush()
            while Double(replaced) < elapsed * churn {
                // The publisher is the first client. Every second one leaves without a farewell.
                let index = Int.random(in: 1...connections)
                replaced += 1
                guard load.clients[index].state == .ready || load.clients[index].state == .closed else { continue }
                if load.clients[index].state == .ready { load.drop(index, abruptly: replaced.isMultiple(of: 2)) }
                try load.open(index, as: .subscriber)
            }
            try load.turn(timeout: 5)
        }
        var measurement = Measurement()
        load.fill(&measurement, since: before)
        measurement.lost = load.counts.lost
        measurement.duplicates = load.counts.duplicates
        measurement.closed = load.counts.closed
        try Fanout.print(Report(measurement: measurement, replaced: replaced))
    }
}

import ArgumentParser

/// Deliveries, latencies and memory with a fixed number of subscribers.
struct FanoutMeasure: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "measure",
        abstract: "Publish to many subscribers and print what came, as JSON."
    )

    @OptionGroup var target: TargetOptions

    @Option(help: "Subscribers.")
    var connections = 1000

    @Option(help: "Messages on their way at a time; may be given several times.")
    var outstanding: [Int] = [1]

    @Option(help: "Seconds of each measurement.")
    var seconds = 5.0

    @Option(help: "Seconds of publishing before each measurement.")
    var warmUp = 1.0

    private struct Report: Encodable {
        var connections: Int
        var deliverySize = 0
        var connectSeconds = 0.0
        var residentBefore = 0
        var residentIdle = 0
        var residentAfter = 0
        var runs: [Measurement] = []
    }

    func run() throws {
        var report = Report(connections: connections)
        // What a server loads and keeps with its first connections is not what a connection costs.
        var first = try LoadGenerator(target: target)
        try first.begin(subscribers: 50)
        _ = try first.run(outstanding: 1, warmUp: 0, seconds: 0.5)
        first.disconnectAll()
        var load = try LoadGenerator(target: target)
        try load.rest(seconds: 1)
        report.residentBefore = target.usage.residentBytes
        let started = monotonicNow()
        try load.connect(1, as: .publisher)
        try load.connect(connections)
        report.connectSeconds = Double(monotonicNow() - started) / 1e9
        try load.rest(seconds: 1)
        report.residentIdle = target.usage.residentBytes
        try load.calibrate()
        report.deliverySize = load.deliverySize
        for window in outstanding {
            report.runs.append(try load.run(outstanding: window, warmUp: warmUp, seconds: seconds))
            if report.runs.last?.stopped == true { break }
        }
        report.residentAfter = target.usage.residentBytes
        try Fanout.print(report)
    }
}

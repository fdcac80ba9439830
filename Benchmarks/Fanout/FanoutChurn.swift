import ArgumentParser

/// Whether a server gives back what many connections took.
struct FanoutChurn: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "churn",
        abstract: "Connect and disconnect many subscribers again and again."
    )

    @OptionGroup var target: TargetOptions

    @Option(help: "Subscribers of each round.")
    var connections = 5000

    @Option(help: "Rounds.")
    var rounds = 10

    @Option(help: "Seconds after the last round in which the server may give memory back.")
    var settle = 15.0

    private struct Report: Encodable {
        struct Round: Encodable {
            var connected: Int
            var disconnected: Int
        }
        var residentBefore = 0
        var residentAfter = 0
        var openFilesBefore = 0
        var openFilesAfter = 0
        var rounds: [Round] = []
    }

    func run() throws {
        var report = Report()
        var load = try LoadGenerator(target: target)
        try load.begin(subscribers: 50)
        _ = try load.run(outstanding: 1, warmUp: 0, seconds: 0.5)
        load.disconnectAll()
        try load.rest(seconds: 1)
        report.residentBefore = target.usage.residentBytes
        report.openFilesBefore = ProcessUsage.openFiles(of: target.process)
        for round in 0..<rounds {
            try load.connect(connections)
            let connected = target.usage.residentBytes
            load.disconnectAll(abruptly: round % 2 == 1)
            try load.rest(seconds: 1)
            report.rounds.append(.init(connected: connected, disconnected: target.usage.residentBytes))
        }
        try load.rest(seconds: settle)
        report.residentAfter = target.usage.residentBytes
        report.openFilesAfter = ProcessUsage.openFiles(of: target.process)
        try Fanout.print(report)
    }
}

import ArgumentParser

/// Measures the product on this machine. Every figure is a percentile over several runs or a ratio to a rival measured
/// in the same run; none is a limit that a test would enforce.
@main
struct Benchmarks: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "benchmarks",
        abstract: "Measure engines and turns; see docs/benchmarks.md.",
        subcommands: [
            Synthesis.self, Recognition.self, Turns.self, Cancellation.self, Footprint.self, IdleSessions.self,
            Fanout.self,
        ]
    )
}

/// What every benchmark needs to know.
struct BenchmarkOptions: ParsableArguments {
    @Option(help: "The folder of models.")
    var models = "models"

    @Flag(help: "Print JSON.")
    var json = false
}

import ArgumentParser

/// The server that is loaded.
struct TargetOptions: ParsableArguments {
    @Option(help: "The server's port on 127.0.0.1.")
    var port: UInt16

    @Option(help: "What the server speaks: messages or nats.")
    var wire = Wire.messages

    @Option(help: "The path of subscribers.")
    var subscribePath = "/ws"

    @Option(help: "The path of the publisher.")
    var publishPath = "/publish"

    @Option(help: "Bytes of a delivered frame with its header.")
    var size = 504

    @Option(help: "A process of the server, by its number; may be given several times.")
    var process: [Int32] = []

    @Option(name: .customLong("patience"), help: "Seconds without a delivery after which the server counts as stopped.")
    var patienceSeconds = 10.0

    var patience: UInt64 { UInt64(patienceSeconds * 1_000_000_000) }

    var usage: ProcessUsage { ProcessUsage(of: process) }
}

import ArgumentParser
import Foundation
import Logging
import ServiceLifecycle
import UnixSignals

/// Trains a small model, and shows on a page how it goes.
@main
struct TrainingProgress: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "training-progress",
        abstract: "Train a small network, and show on a page how it goes.",
        discussion: "The page is for this machine only. It can be opened at any time, and by many."
    )

    @Option(help: "The port of the page; 0 is any that is free.")
    var port = 8090

    @Option(help: "How many epochs to train, 1 to 100000.")
    var epochs = 600

    @Flag(help: "End when the training is done, instead of waiting for the page to ask for another one.")
    var once = false

    func validate() throws {
        guard (0...65_535).contains(port) else { throw ValidationError("--port must be 0 to 65535.") }
        guard (1...100_000).contains(epochs) else { throw ValidationError("--epochs must be 1 to 100000.") }
    }

    func run() async throws {
        var logger = Logger(label: "training-progress")
        logger.logLevel = .warning
        let (addresses, listening) = AsyncStream.makeStream(of: String.self)
        let dashboard = try Dashboard(port: port, logger: logger) { port in
            listening.yield("http://127.0.0.1:\(port)/")
            listening.finish()
        }
        let trainer = Trainer(hub: dashboard.hub, epochs: epochs, once: once, addresses: addresses)
        let services = (dashboard.services + [trainer]).map { service in
            ServiceGroupConfiguration.ServiceConfiguration(
                service: service,
                successTerminationBehavior: .gracefullyShutdownGroup
            )
        }
        let configuration = ServiceGroupConfiguration(
            services: services,
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger
        )
        try await ServiceGroup(configuration: configuration).run()
    }

    /// Says something on standard output, at once also into a pipe or a file.
    static func say(_ line: String) {
        try? FileHandle.standardOutput.write(contentsOf: Data((line + "\n").utf8))
    }
}

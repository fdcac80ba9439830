import ArgumentParser
import Foundation

/// The load of `scripts/bench fanout` and `scripts/bench soak`, for a server that runs already.
struct Fanout: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Load a WebSocket server with subscribers and publications.",
        discussion: "The driver of these is Benchmarks/fanout.py; run it by `scripts/bench fanout`.",
        subcommands: [FanoutMeasure.self, FanoutStall.self, FanoutChurn.self, FanoutSteady.self]
    )

    static func print(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        encoder.keyEncodingStrategy = .convertToSnakeCase
        Swift.print(String(decoding: try encoder.encode(value), as: UTF8.self))
    }
}

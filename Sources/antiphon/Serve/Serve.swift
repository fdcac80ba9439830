import ArgumentParser
import Foundation
import Settings

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the server.",
        discussion: """
            Serves until it is told to stop (SIGTERM or control-C), then finishes what it has begun. SIGHUP reads the
            settings again, of which those change that can while it runs, and the certificate.
            """
    )

    @OptionGroup var server: ServerOptions

    @Option(
        help: ArgumentHelp(
            "The address to listen on; sets bind. One that others reach needs an API key.",
            valueName: "address"
        )
    )
    var host: String?

    @Option(
        help: ArgumentHelp("The port of an API, such as speech=9000.", valueName: "api=port"),
        transform: APIPort.init
    )
    var port: [APIPort] = []

    @OptionGroup(title: "Who answers") var responder: ResponderOptions
    @OptionGroup(title: "Engines") var engines: EngineChoice

    func run() async throws {
        Allocator.chooseBest()
        Cores.setLoopCount()
        var sources = server.sources
        if let host { sources.options.append(.init("--host", sets: "bind", to: host)) }
        responder.add(to: &sources)
        engines.add(to: &sources)
        sources.ports = port.map { ($0.api, $0.port) }
        let manager = ServiceManager(environment: ProcessInfo.processInfo.environment)
        ServiceManager.hideFromChildren()
        try await ServerProcess(
            sources: sources,
            loaded: try SettingsOptions.load(sources),
            manager: manager
        ).run()
    }
}

/// The port of an API, written `speech=9000`.
struct APIPort {
    let api: APIName
    let port: Int

    /// Throws `ValidationError`.
    init(_ argument: String) throws {
        let parts = argument.split(separator: "=", maxSplits: 1)
        guard parts.count == 2 else { throw ValidationError("Write an API and its port, such as speech=9000.") }
        guard let api = APIName(rawValue: String(parts[0])) else {
            let names = APIName.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("There is no API '\(parts[0])'; the APIs are \(names).")
        }
        guard let port = Int(parts[1]), (0...65535).contains(port) else {
            throw ValidationError("A port must be 0 to 65535.")
        }
        self.api = api
        self.port = port
    }
}

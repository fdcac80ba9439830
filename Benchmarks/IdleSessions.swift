import ArgumentParser
import Conversation
import Dialogue
import Foundation
import Logging
import Speech
import Storage

/// What a session costs that lives in the directory and in which nobody speaks.
struct IdleSessions: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sessions",
        abstract: "Memory of idle sessions, in bytes for each."
    )

    @OptionGroup var options: BenchmarkOptions

    @Option(help: "Sessions.")
    var sessions = 10_000

    func run() async throws {
        let engines = try Corpus.engines(options.models)
        let directory = SessionDirectory(
            limits: { [sessions] in SessionTable.Limits(sessions: 2 * sessions) },
            logger: Logger(label: "benchmark")
        )
        // What is made once for all sessions, and what the allocator keeps in reserve, is there before it is measured.
        try await make(sessions / 10, directory, engines)
        let before = Footprint.residentMegabytes()
        try await make(sessions, directory, engines)
        let bytes = (Footprint.residentMegabytes() - before) * 1_048_576 / Double(sessions)
        var table = Table("Idle sessions, bytes for each", columns: ["bytes"])
        table.add("made, attached and written to once", bytes)
        try table.print(asJSON: options.json)
    }

    private func make(_ count: Int, _ directory: SessionDirectory, _ engines: SpeechEngines) async throws {
        for _ in 0..<count {
            let session = try await directory.make(
                NewSession(api: "benchmark"),
                parts: SessionParts(
                    voiceActivity: engines.voiceActivity,
                    recognizer: engines.recognizer,
                    responder: EchoResponder(),
                    output: SynthesizedOutput(engines.synthesizer)
                ),
                configuration: .init()
            ).session
            await directory.attach(session.id)
            // A turn without words leaves its events behind.
            await session.write(" ")
            await session.finishTurns()
        }
    }
}

import ArgumentParser
import Foundation
import Speech

struct Voices: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the voices that can be used.")

    @OptionGroup var engine: EngineOptions

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        let engines = try engine.engines()
        let descriptions = await engines.describeInUse()
        let voices = try await engines.voices().voices.filter(descriptions.canSpeak)
        for description in descriptions where description.role == .synthesizer { Terminal.complain(of: description) }
        if json {
            try printJSON(
                voices.map {
                    Entry(id: $0.id, name: $0.name, engine: $0.engine, languages: $0.languages, summary: $0.summary)
                }
            )
            return
        }
        let width = voices.map(\.id.count).max() ?? 0
        for voice in voices {
            let id = voice.id.padding(toLength: width + 2, withPad: " ", startingAt: 0)
            print(id + voice.summary)
        }
    }

    private struct Entry: Encodable {
        var id, name, engine: String
        var languages: [String]
        var summary: String
    }
}

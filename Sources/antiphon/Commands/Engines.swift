import ArgumentParser
import Foundation
import Speech

struct Engines: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the engines and say of each whether it can be used.",
        discussion: "The model files of each engine are read and compared with the expected ones."
    )

    @OptionGroup var engine: EngineOptions

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        let entries = await (try engine.engines()).describe().map(Entry.init)
        if json {
            try printJSON(entries)
            return
        }
        for entry in entries {
            let mark = entry.available ? "✓" : "✗"
            let details = [
                entry.version, entry.licence, entry.sampleRate.map { "\($0) Hz" },
                entry.languages.count > 3
                    ? "\(entry.languages.count) languages" : entry.languages.joined(separator: ", "),
            ].compactMap { $0 }.filter { !$0.isEmpty }
            print("\(mark) \(entry.name) (\(entry.role)): \(details.joined(separator: " · "))")
            if let reason = entry.reason { print("    \(reason)") }
        }
    }

    private struct Entry: Encodable {
        var name, role, licence: String
        var version: String?
        var languages: [String]
        var sampleRate: Int?
        var available: Bool
        var reason: String?

        init(_ description: EngineDescription) {
            name = description.name
            role = description.role.rawValue
            licence = description.licence
            version = description.version
            languages = description.languages
            sampleRate = description.sampleRate
            switch description.availability {
            case .available:
                available = true
            case .unavailable(let reason):
                available = false
                self.reason = reason
            }
        }
    }
}

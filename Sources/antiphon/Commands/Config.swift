import ArgumentParser
import Settings

struct Config: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show and check the settings.",
        subcommands: [Show.self, Validate.self, Schema.self, Docs.self]
    )

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print every setting with its value and where that comes from; secrets are hidden."
        )

        @OptionGroup var server: ServerOptions

        @Flag(help: "Print JSON.")
        var json = false

        func run() throws {
            let loaded = try SettingsOptions.load(server.sources)
            print(json ? loaded.settings.redacted.json(pretty: true) : loaded.yaml())
        }
    }

    struct Validate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check the settings; every fault is told with its place."
        )

        @OptionGroup var server: ServerOptions

        func run() async throws {
            let check = try await ServerCheck(try SettingsOptions.load(server.sources))
            for warning in check.warnings { Terminal.complain(warning) }
            print("The settings are valid.")
        }
    }

    struct Schema: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Print the JSON Schema of the file of settings.")

        func run() {
            print(Settings.schema().json(pretty: true))
        }
    }

    struct Docs: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the documentation of all settings, as in docs/settings.md."
        )

        func run() {
            print(Settings.documentation(), terminator: "")
        }
    }
}

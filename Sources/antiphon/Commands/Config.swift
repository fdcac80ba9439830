import ArgumentParser
import Foundation
import Serving
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

        @Flag(
            help: "Print JSON: whether the settings are valid, warnings, and how the certificate of tls.certificate is."
        )
        var json = false

        func run() async throws {
            let check = try await ServerCheck(try SettingsOptions.load(server.sources))
            guard json else {
                for warning in check.warnings { Terminal.complain(warning) }
                print("The settings are valid.")
                return
            }
            let report: SettingValue = [
                "valid": true, "warnings": .array(check.warnings.map { .string($0) }),
                "certificate": check.certificate.map { $0.report(at: Date()) } ?? .null,
            ]
            print(report.json(pretty: true))
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

extension ServerCertificate {
    /// Where the certificate is, when it is valid, and how it is now: `valid`, `ends_soon`, `expired`, `not_yet_valid`.
    fileprivate func report(at now: Date) -> SettingValue {
        [
            "file": .string(path), "state": .string(validity.state(at: now).rawValue),
            "valid_from": .string(validity.start.formatted(.iso8601)),
            "valid_until": .string(validity.end.formatted(.iso8601)),
        ]
    }
}

import ArgumentParser
import Foundation
import Settings

/// Where the settings come from.
struct SettingsOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The file of settings (or ANTIPHON_CONFIG); antiphon.yaml if there is one.",
            valueName: "file"
        )
    )
    var config: String?

    @Option(
        help: ArgumentHelp("The profile whose file is laid over it (or ANTIPHON_PROFILE).", valueName: "name")
    )
    var profile: String?

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("One setting, such as logging.level=debug.", valueName: "key=value")
    )
    var assignments: [String] = []

    @Option(help: ArgumentHelp("The folder of models; sets models.path.", valueName: "dir"))
    var models: String?

    /// The sources these options name.
    var sources: SettingsSources {
        let environment = ProcessInfo.processInfo.environment
        var sources = SettingsSources()
        if let file = config ?? environment["ANTIPHON_CONFIG"] {
            sources.file = file
            sources.fileIsRequired = true
        }
        sources.profile = profile ?? environment["ANTIPHON_PROFILE"]
        sources.environment = environment
        sources.assignments = assignments
        if let models { sources.options.append(.init("--models", sets: "models.path", to: models)) }
        return ModelFolder.found(for: sources)
    }

    /// The settings in `sources`; what should be changed in them is said on standard error. Throws `SettingsError`.
    static func load(_ sources: SettingsSources) throws -> LoadedSettings {
        let loaded = try Settings.load(from: sources)
        for warning in loaded.warnings { Terminal.complain(warning) }
        return loaded
    }
}

/// Where the settings come from, and the data.
struct ServerOptions: ParsableArguments {
    @OptionGroup var settings: SettingsOptions

    @Option(help: ArgumentHelp("The folder for the server's data; sets storage.path.", valueName: "dir"))
    var dataDir: String?

    /// The sources these options name.
    var sources: SettingsSources {
        var sources = settings.sources
        if let dataDir {
            sources.options.append(.init("--data-dir", sets: "storage.path", to: dataDir + "/antiphon.sqlite"))
        }
        return sources
    }
}

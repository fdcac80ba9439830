import ArgumentParser

/// The program's command line.
struct Antiphon: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "antiphon",
        abstract: "Voice conversation: hears, answers and speaks.",
        discussion: """
            Exit status: 0 if all went well, 1 if the work failed, 2 for wrong usage or a wrong environment.
            Shell completions: antiphon --generate-completion-script [bash|zsh|fish]
            """,
        version: "0.1.0",
        subcommands: [Talk.self, Say.self, Transcribe.self, Voices.self, Engines.self]
    )
}

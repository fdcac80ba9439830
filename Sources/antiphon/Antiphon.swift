import ArgumentParser

/// The program's command line.
struct Antiphon: AsyncParsableCommand {
    /// The version of the program.
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "antiphon",
        abstract: "Voice conversation: hears, answers and speaks.",
        discussion: """
            Exit status: 0 if all went well, 1 if the work failed, 2 for wrong usage or a wrong environment.
            Shell completions: antiphon --generate-completion-script [bash|zsh|fish]
            """,
        version: Self.version,
        subcommands: [
            Serve.self, Talk.self, Say.self, Transcribe.self, Replay.self, Voices.self, Engines.self, Status.self,
            Keys.self,
            Token.self, Config.self,
        ]
    )
}

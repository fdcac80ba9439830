import ArgumentParser
import Settings

/// Who answers; what is not said here, the settings say.
struct ResponderOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Who answers: script, model, template or echo. Repeat it to name the next to try.",
            valueName: "name"
        )
    )
    var responder: [String] = []

    @Option(
        help: ArgumentHelp(
            "The assistant's script; the one that comes with the program if none is named.",
            valueName: "file"
        )
    )
    var script: String?

    @Option(
        help: ArgumentHelp(
            "A server with OpenAI's chat interface, up to and including /v1; its key is ANTIPHON_MODEL_KEY.",
            valueName: "url"
        )
    )
    var modelURL: String?

    @Option(help: "The server's model.")
    var model: String?

    @Option(help: ArgumentHelp("Instructions for the model.", valueName: "text"))
    var systemPrompt: String?

    /// Adds what these options say to `sources`.
    func add(to sources: inout SettingsSources) {
        if !responder.isEmpty {
            sources.options.append(
                .init("--responder", sets: "conversation.responders", to: responder.joined(separator: ","))
            )
        }
        if let script { sources.options.append(.init("--script", sets: "conversation.script", to: script)) }
        if let modelURL { sources.options.append(.init("--model-url", sets: "model.url", to: modelURL)) }
        if let model { sources.options.append(.init("--model", sets: "model.name", to: model)) }
        if let systemPrompt {
            sources.options.append(.init("--system-prompt", sets: "model.system_prompt", to: systemPrompt))
        }
    }
}

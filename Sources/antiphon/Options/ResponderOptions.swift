import ArgumentParser
import Dialogue
import Foundation

/// Who answers.
struct ResponderOptions: ParsableArguments {
    /// The responders there are.
    enum Name: String, CaseIterable, ExpressibleByArgument {
        case script, model, template, echo
    }

    @Option(
        help: ArgumentHelp(
            "Who answers: script, model, template or echo. Repeat it to name the next to try.",
            valueName: "name"
        )
    )
    var responder: [Name] = [.script]

    @Option(
        help: ArgumentHelp(
            "The assistant's script; the one that comes with the program if none is named.",
            valueName: "file"
        )
    )
    var script: String?

    @Option(
        help: ArgumentHelp(
            "A server with OpenAI's chat interface, up to and including /v1; its key comes from ANTIPHON_MODEL_KEY.",
            valueName: "url"
        )
    )
    var modelURL: String?

    @Option(help: "The server's model.")
    var model: String?

    @Option(help: ArgumentHelp("Instructions for the model.", valueName: "text"))
    var systemPrompt = "You are a friendly voice assistant. Answer in one or two short sentences, without markup."

    mutating func validate() throws {
        if responder.contains(.model), modelURL == nil || model == nil {
            throw ValidationError("The responder model needs --model-url and --model.")
        }
    }

    /// The responders these options name, as one.
    func chain() throws -> ResponderChain {
        ResponderChain(try responder.map(make))
    }

    private func make(_ name: Name) throws -> any Responder {
        switch name {
        case .echo: return EchoResponder()
        case .template: return TemplateResponder()
        case .script: return ScriptResponder(script: try script.map { try Script(contentsOf: $0) } ?? Script.bundled())
        case .model:
            return try ModelResponder(
                configuration: ModelConfiguration(
                    baseURL: modelURL ?? "",
                    apiKey: ProcessInfo.processInfo.environment["ANTIPHON_MODEL_KEY"],
                    model: model ?? "",
                    systemPrompt: systemPrompt
                )
            )
        }
    }
}

import Dialogue
import Foundation
import Settings
import Speech

extension SpeechEngines {
    /// The engines that `settings` ask for. Throws `SpeechError`.
    init(settings: Settings) throws {
        var configuration = SpeechEngines.Configuration()
        configuration.models = ModelStore(folder: settings.models.path)
        configuration.recognizers = settings.speech.recognizers
        configuration.synthesizers = settings.speech.synthesizers
        configuration.voiceActivity = settings.speech.voiceActivity
        configuration.capacity = settings.speech.queueCapacity
        let server = settings.speech.openai
        if let url = server.url {
            configuration.openAI = .init(
                endpoint: try OpenAIEndpoint(baseURL: url, apiKey: server.key?.exposed),
                recognitionModel: server.recognitionModel,
                synthesisModel: server.synthesisModel,
                voice: server.voice
            )
        }
        try self.init(configuration: configuration)
    }
}

extension ResponderChain {
    /// The responders that `settings` ask for, as one. Throws `Problem`, `ScriptError` or `ResponderError`.
    init(settings: Settings) throws {
        self.init(
            try settings.conversation.responders.map { name -> any Responder in
                switch name {
                case "echo": return EchoResponder()
                case "template": return TemplateResponder()
                case "script":
                    let script = try settings.conversation.script.map { try Script(contentsOf: $0) }
                    return ScriptResponder(script: try script ?? .bundled())
                case "model": return try ModelResponder(configuration: try ModelConfiguration(settings: settings))
                default:
                    throw Problem(
                        "There is no responder named “\(name.prefix(80))”; known are script, model, template and echo.",
                        status: Problem.usage
                    )
                }
            }
        )
    }
}

extension ModelConfiguration {
    /// The model server that `settings` name. Throws `Problem` when they name none.
    init(settings: Settings) throws {
        guard let url = settings.model.url, let name = settings.model.name else {
            let missing = [
                settings.model.url == nil ? "model.url (--model-url)" : nil,
                settings.model.name == nil ? "model.name (--model)" : nil,
            ]
            throw Problem(
                "conversation.responders names model, so a language model is needed: set "
                    + missing.compactMap(\.self).joined(separator: " and ") + ".",
                status: Problem.usage
            )
        }
        self.init(
            baseURL: url,
            apiKey: settings.model.key?.exposed,
            model: name,
            systemPrompt: settings.model.systemPrompt,
            temperature: settings.model.temperature,
            maxTokens: settings.model.maxTokens
        )
    }
}

import Dialogue
import Synchronization

/// The responder of a session whose client may choose another at any time.
final class ChosenResponder: Responder {
    private let choices: [SocketManner.Mode: any Responder]
    private let chosen: Mutex<SocketManner.Mode>

    var name: String { current.name }

    init(_ configured: any Responder, mode: SocketManner.Mode) {
        choices = [.echo: EchoResponder(), .template: TemplateResponder(), .responder: configured]
        chosen = Mutex(mode)
    }

    var mode: SocketManner.Mode { chosen.withLock { $0 } }

    /// From the next turn on these answer.
    func choose(_ mode: SocketManner.Mode) { chosen.withLock { $0 = mode } }

    private var current: any Responder { choices[mode] ?? EchoResponder() }

    func respond(to prompt: Prompt) -> Response { current.respond(to: prompt) }
}

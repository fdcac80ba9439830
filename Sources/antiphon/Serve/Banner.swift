import Foundation
import Settings

/// Tells on standard output what is offered where, once all listeners are up.
actor Banner {
    private let settings: Settings
    private let needsKey: Bool
    private let onReady: @Sendable () -> Void
    private var awaited: Int
    private var lines: [String] = []
    private var speechPort: Int?
    private var openAIPort: Int?
    private var eventsPort: Int?

    init(settings: Settings, needsKey: Bool, awaited: Int, onReady: @escaping @Sendable () -> Void) {
        self.settings = settings
        self.needsKey = needsKey
        self.awaited = awaited
        self.onReady = onReady
    }

    /// A listener is up, or an optional one that cannot be was passed over (with no port).
    func isUp(_ listener: Listener, address: String, port: Int?) {
        if let port {
            let host = address.contains(":") ? "[\(address)]" : address
            let apis = listener.apis.map(\.rawValue).joined(separator: ", ")
            lines.append("  http://\(host):\(port)  ".padded(to: 32) + apis)
            if listener.apis.contains(.speech), !address.contains(":") { speechPort = port }
            if listener.apis.contains(.openai), !address.contains(":") { openAIPort = openAIPort ?? port }
            if listener.apis.contains(.events), !address.contains(":") { eventsPort = port }
        }
        awaited -= 1
        if awaited == 0 { show() }
    }

    private func show() {
        var text = ["Antiphon \(Antiphon.version) serves", ""] + lines.sorted() + [""]
        if !suggestions.isEmpty { text += ["Try:"] + suggestions + [""] }
        text.append(
            !settings.auth.trustedNetworks.isEmpty && needsKey
                ? "Requests need an API key (antiphon keys), but for those from "
                    + settings.auth.trustedNetworks.map(\.description).joined(separator: ", ") + "."
                : needsKey
                    ? "Requests need an API key (antiphon keys)."
                    : "No API key is needed, since only this machine can reach it."
        )
        text.append("Stop it with control-C.")
        // Written at once, also into a pipe or a file.
        try? FileHandle.standardOutput.write(contentsOf: Data((text.joined(separator: "\n") + "\n").utf8))
        onReady()
    }

    private var suggestions: [String] {
        let key = needsKey ? " -H 'authorization: Bearer KEY'" : ""
        var lines: [String] = []
        if let speechPort {
            lines += [
                "  a page to hear it:  http://localhost:\(speechPort)/",
                "  curl localhost:\(speechPort)/health",
                "  curl\(key) localhost:\(speechPort)/tts -H 'content-type: application/json' -d '{\"text\":\"Hello there.\",\"voice_id\":\"default\"}' -o hello.wav",
            ]
        }
        if let openAIPort {
            lines.append(
                "  curl\(key) -F file=@hello.wav -F model=whisper-1 localhost:\(openAIPort)/v1/audio/transcriptions"
            )
        } else if let speechPort {
            lines.append("  curl\(key) -F audio_file=@hello.wav localhost:\(speechPort)/stt")
        }
        if let eventsPort {
            lines += [
                "  topics to follow by WebSocket:  ws://localhost:\(eventsPort)/ws",
                "  curl\(key) localhost:\(eventsPort)/publish/training -H 'content-type: application/json' -d '{\"type\":\"training_progress\",\"data\":{\"progress\":0.5}}'",
            ]
        }
        return lines
    }
}

extension String {
    /// The text with spaces after it up to a length.
    fileprivate func padded(to length: Int) -> String {
        self + String(repeating: " ", count: max(0, length - count))
    }
}

import Foundation
import Settings

/// Tells on standard output what is offered where, once all listeners are up.
actor Banner {
    private let settings: Settings
    private let needsKey: Bool
    private let onReady: @Sendable () -> Void
    private var awaited: Int
    private var lines: [String] = []
    private var speech: Place?
    private var openAI: Place?
    private var events: Place?

    /// Where an API is found on this machine.
    private struct Place {
        let port: Int
        let isSecure: Bool

        var page: String { "http\(isSecure ? "s" : "")://localhost:\(port)" }
        var socket: String { "ws\(isSecure ? "s" : "")://localhost:\(port)" }
        /// The command that asks it. The certificate need not have the name `localhost`.
        func curl(_ options: String = "") -> String {
            isSecure ? "  curl -k\(options) \(page)" : "  curl\(options) localhost:\(port)"
        }
    }

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
            let isSecure = settings.speaksTLS(listener)
            let place = Place(port: port, isSecure: isSecure)
            lines.append("  http\(isSecure ? "s" : "")://\(host):\(port)  ".padded(to: 32) + apis)
            if listener.apis.contains(.speech), !address.contains(":") { speech = place }
            if listener.apis.contains(.openai), !address.contains(":") { openAI = openAI ?? place }
            if listener.apis.contains(.events), !address.contains(":") { events = place }
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
        if let speech {
            lines += [
                "  a page to hear it:  \(speech.page)/",
                "\(speech.curl())/health",
                "\(speech.curl(key))/tts -H 'content-type: application/json' -d '{\"text\":\"Hello there.\",\"voice_id\":\"default\"}' -o hello.wav",
            ]
        }
        if let openAI {
            lines.append("\(openAI.curl(key + " -F file=@hello.wav -F model=whisper-1"))/v1/audio/transcriptions")
        } else if let speech {
            lines.append("\(speech.curl(key + " -F audio_file=@hello.wav"))/stt")
        }
        if let events {
            lines += [
                "  topics to follow by WebSocket:  \(events.socket)/ws",
                "\(events.curl(key))/publish/training -H 'content-type: application/json' -d '{\"type\":\"training_progress\",\"data\":{\"progress\":0.5}}'",
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

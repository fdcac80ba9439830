import Audio
import Conversation
import NIOCore
import Serving
import Speech
import Storage
import WebSocket

/// Serves `/ws/transcribe`: sound in, transcripts out, partial ones while the user speaks. Nothing is stored.
actor TranscriptionSocket {
    private let link: SocketLink
    private let session: Session
    private let language: String?
    private var sound: SocketSound
    private var start = 0
    private var end = 0
    /// The last text that was sent, and whether it was partial.
    private var last: (text: String, isPartial: Bool)?

    init(_ stream: WebSocketStream, session: Session, language: String?, sampleRate: Int) {
        link = SocketLink(stream: stream)
        self.session = session
        self.language = language
        sound = SocketSound(sampleRate: sampleRate)
    }

    /// Serves until the client goes or the server stops.
    func run() async {
        let reader = await session.reader(from: 1)
        let ready: JSONValue = ["type": "ready", "message": "Send 16-bit little-endian PCM in binary frames."]
        guard await link.send(ready) else { return }
        await link.run({ await self.tell(reader) }, { await self.obey() })
    }

    private func tell(_ reader: SessionReader) async {
        var reader = reader
        while let reading = await reader.next() {
            guard case .event(let event) = reading, let message = message(event.kind) else { continue }
            guard await link.send(message) else { return }
        }
        await link.endConversation()
    }

    private func message(_ event: ConversationEvent.Kind) -> JSONValue? {
        switch event {
        case .speechStarted(_, let sample):
            start = sample
            last = nil
            return nil
        case .speechEnded(_, let sample, _):
            end = sample
            return nil
        case .partialTranscript(_, let text): return transcription(text, isPartial: true)
        case .transcript(_, let text): return transcription(text, isPartial: false)
        case .turnEnded(let record):
            guard case .failed(_, let reason) = record.outcome else { return nil }
            return ["type": "error", "message": .string(reason)]
        default: return nil
        }
    }

    private func transcription(_ text: String, isPartial: Bool) -> JSONValue? {
        if let last, last == (text, isPartial) { return nil }
        last = (text, isPartial)
        var message: [String: JSONValue] = [
            "type": "transcription", "text": .string(text), "language": JSONValue(language),
            "partial": .bool(isPartial),
            "final": .bool(!isPartial), "stream_start": .number(Self.seconds(start)),
        ]
        if !isPartial {
            let duration = Self.seconds(max(0, end - start))
            message["stream_end"] = .number(Self.seconds(end))
            message["timing"] = ["start": 0, "end": .number(duration), "duration": .number(duration)]
            message["segments"] = [["text": .string(text), "start": 0, "end": .number(duration)]]
        }
        return .object(message)
    }

    /// Samples of a session are counted at 16 kHz.
    private static func seconds(_ samples: Int) -> Double { (Double(samples) / 16_000).rounded(places: 3) }

    private func obey() async {
        await link.read { message in
            switch message {
            case .binary(let bytes):
                try await session.hear(fromSocket: sound.take(bytes.readableBytesView))
                return true
            case .text(let text): return try await obey(Array(text.readableBytesView))
            }
        }
    }

    private func obey(_ bytes: [UInt8]) async throws -> Bool {
        guard let members = (try? JSONValue(parsing: bytes))?.members else {
            throw SocketMistake("The message is no JSON object; send {\"action\": …}, or sound in binary frames.")
        }
        switch try SocketSound.json(members, standardRate: sound.sampleRate) {
        case .samples(let samples)?: try await session.hear(fromSocket: samples)
        case .file(let bytes)?: try await session.hear(fromSocket: SocketSound.decode(file: bytes))
        case nil: break
        }
        switch members["action"] {
        case "clear":
            await session.reset()
            last = nil
            return await link.send(["type": "cleared", "message": "What was heard so far is forgotten."])
        case "ping": return await link.send(["type": "pong", "message": "pong"])
        case "end_utterance", "commit": await session.endUtterance()
        default: break
        }
        return true
    }
}
